"""Uploads: forms, blocks, streams, and what a policy asks for."""
import json
import os
import shutil

from wcs.commons.util import entry

from support import BUCKET, MEBIBYTE, Callbacks, equal, fields, ok, operation, refused, succeeded


@operation
def simple_upload(on):
    for key in ["form.bin", "a folder/and spaces (1).txt", "目录/文件 1.txt"]:
        path = on.file(len(key))
        equal(fields(ok(on.client.simple_upload(path, BUCKET, key))), {"hash": on.stored(BUCKET, key, path)["hash"]})
    path = on.file(0)
    ok(on.client.simple_upload(path, BUCKET, "empty.bin"))
    on.stored(BUCKET, "empty.bin", path)


@operation
def multipart_upload(on):
    for name, size in {"small": 1000, "block": 4 * MEBIBYTE, "large": 9 * MEBIBYTE + 1}.items():
        for concurrency in [0, 4]:
            for chunk in [MEBIBYTE, 4 * MEBIBYTE]:
                key = f"blocks/{name}-{concurrency}-{chunk}.bin"
                path = on.file(size)
                with on.options(concurrency=concurrency, bput_size=chunk):
                    answer = ok(on.client.multipart_upload(path, BUCKET, key))
                equal(answer, {"key": key, "hash": on.stored(BUCKET, key, path)["hash"]})


@operation
def multipart_upload_of_larger_blocks(on):
    path = on.file(17 * MEBIBYTE)
    with on.options(block_size=8 * MEBIBYTE, bput_size=2 * MEBIBYTE):
        ok(on.client.multipart_upload(path, BUCKET, "blocks/of-8-MiB.bin"))
    on.stored(BUCKET, "blocks/of-8-MiB.bin", path)


@operation
def smart_upload(on):
    form, blocks = on.file(MEBIBYTE), on.file(MEBIBYTE + 1)
    with on.options(bput_size=MEBIBYTE // 4):
        answer = ok(on.client.smart_upload(form, BUCKET, "smart/form.bin", multi_size=1))
        equal(fields(answer), {"hash": on.stored(BUCKET, "smart/form.bin", form)["hash"]})
        answer = ok(on.client.smart_upload(blocks, BUCKET, "smart/blocks.bin", multi_size=1))
        equal(answer["hash"], on.stored(BUCKET, "smart/blocks.bin", blocks)["hash"])


@operation
def stream_upload(on):
    path = on.put(BUCKET, "stream/source.bin", 3 * MEBIBYTE)
    ok(on.client.stream_upload(on.url(BUCKET, "stream/source.bin"), BUCKET, "stream/copy.bin"))
    on.stored(BUCKET, "stream/copy.bin", path)


@operation
def overwrite(on):
    first = on.put(BUCKET, "taken.bin", 100)
    second = on.file(200)
    for value in [0, "0"]:
        with on.options(overwrite=value):
            equal(on.client.simple_upload(second, BUCKET, "taken.bin")[0], 406)
            refused(on.client.multipart_upload(second, BUCKET, "taken.bin"), 406)
            try:
                on.client.smart_upload(second, BUCKET, "taken.bin", multi_size=0)
                raise AssertionError("smart_upload has replaced an object")
            except Exception as error:
                equal(type(error).__name__, "WcsSeriveError")
    on.stored(BUCKET, "taken.bin", first)
    with on.options(overwrite="1"):
        ok(on.client.multipart_upload(second, BUCKET, "taken.bin"))
    on.stored(BUCKET, "taken.bin", second)


@operation
def return_body(on):
    path = on.file(500)
    with on.options(returnBody="key=$(key)&size=$(fsize)&bucket=$(bucket)", traffic_limit=819200):
        form = fields(ok(on.client.simple_upload(path, BUCKET, "policy/form.bin")))
        blocks = ok(on.client.multipart_upload(path, BUCKET, "policy/blocks.bin"))
    for key, answer in {"policy/form.bin": form, "policy/blocks.bin": blocks}.items():
        told = {name: str(value) for name, value in answer.items()}
        equal(told, {"key": key, "size": "500", "bucket": BUCKET, "hash": on.stored(BUCKET, key, path)["hash"]})


@operation
def callback_url(on):
    path = on.file(600)
    with Callbacks(on.config, {"accepted": True}) as server:
        with on.options(callbackUrl=server.url, callbackBody="key=$(key)&size=$(fsize)"):
            equal(json.loads(ok(on.client.simple_upload(path, BUCKET, "callback/form.bin"))), {"accepted": True})
            equal(ok(on.client.multipart_upload(path, BUCKET, "callback/blocks.bin")), {"accepted": True})
        equal(server.received, [f"key=callback/{name}.bin&size=600" for name in ["form", "blocks"]])
    # The server is gone, and the object is stored nevertheless.
    with on.options(callbackUrl=server.url):
        refused(on.client.multipart_upload(path, BUCKET, "callback/failed.bin"), 579)
    for name in ["form", "blocks", "failed"]:
        on.stored(BUCKET, f"callback/{name}.bin", path)


@operation
def return_url(on):
    path = on.file(300)
    with on.options(returnUrl="http://shop.example.com/done"):
        status, location, _ = on.client.simple_upload(path, BUCKET, "returned.bin")
    equal((status, location.split("?")[0]), (303, "http://shop.example.com/done"))
    on.stored(BUCKET, "returned.bin", path)


@operation
def persistent_ops(on):
    path = on.file(400)
    ops = f"avthumb/mp4|saveas/{entry(BUCKET, 'persistent.mp4')}"
    with on.options(persistentOps=ops, returnBody="id=$(persistentId)", hashAlgorithm="crc64ecma", deadline=600):
        started = fields(ok(on.client.simple_upload(path, BUCKET, "persistent.bin")))
    on.stored(BUCKET, "persistent.bin", path)
    [item] = succeeded(on.client.ops_status, (200, {"persistentId": started["id"]}, {"x-reqid": "-"}))
    equal(item["hash"], ok(on.client.stat(BUCKET, "persistent.mp4"))["hash"])
    on.remove(BUCKET, "persistent.mp4")


@operation
def refused_credentials(on):
    path = on.file(5 * MEBIBYTE)
    with on.options(secret_key="another key"):
        client = on.new_client()
    refused(client.stat(BUCKET, "form.bin"), 401)
    equal(client.simple_upload(path, BUCKET, "refused.bin")[0], 401)
    # Side by side all blocks fail and are recorded; one after another the SDK ends its process.
    failed = client.multipart_upload(path, BUCKET, "refused.bin")
    records = os.path.join("/tmp/multipart", failed["uploadBatch"])
    try:
        equal([json.loads(record)["code"] for record in failed["upload_record"]], [401, 401])
        with on.options(concurrency=0):
            client.multipart_upload(path, BUCKET, "refused.bin", failed["uploadBatch"])
        raise AssertionError("the upload has not ended the process")
    except SystemExit:
        pass
    finally:
        shutil.rmtree(records)
    on.gone(BUCKET, "refused.bin")
