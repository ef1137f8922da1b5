"""Tasks of fmgr and of fops, to their end."""
import io
import json
import zipfile

from wcs.commons.util import entry, urlsafe_base64_encode as b64

from support import BUCKET, OTHER, Callbacks, equal, ok, operation, refused, succeeded, task


def transfer(source, bucket, key):
    return f"resource/{entry(BUCKET, source)}/bucket/{b64(bucket)}/key/{b64(key)}"


def named(key, bucket=BUCKET):
    return f"bucket/{b64(bucket)}/key/{b64(key)}"


@operation
def fmgr_copy(on):
    path = on.put(BUCKET, "task/source.bin", 70)
    fops = ";".join(transfer("task/source.bin", bucket, "task/copy.bin") for bucket in [BUCKET, OTHER])
    with Callbacks(on.config, {}) as server:
        with on.options(notifyurl=server.url, separate="0", force="0"):
            items = succeeded(on.client.fmgr_status, on.client.fmgr_copy(fops), 2)
        equal([item["key"] for item in items], ["task/copy.bin"] * 2)
        equal(server.arrived.wait(60), True)
        [notified] = [json.loads(text) for text in server.received]
        equal([item["hash"] for item in notified["items"]], [item["hash"] for item in items])
    for bucket in [BUCKET, OTHER]:
        on.stored(bucket, "task/copy.bin", path)
    # Both targets are there now.
    equal([item["code"] for item in task(on.client.fmgr_status, on.client.fmgr_copy(fops))], [2, 2])
    with on.options(force=1):
        succeeded(on.client.fmgr_status, on.client.fmgr_copy(fops), 2)


@operation
def fmgr_move(on):
    path = on.put(BUCKET, "task/leaving.bin", 71)
    succeeded(on.client.fmgr_status, on.client.fmgr_move(transfer("task/leaving.bin", OTHER, "task/目录/moved.bin")))
    on.gone(BUCKET, "task/leaving.bin")
    on.stored(OTHER, "task/目录/moved.bin", path)


@operation
def fmgr_fetch(on):
    path = on.put(BUCKET, "task/remote 文件.bin", 72)
    source = b64(on.url(BUCKET, "task/remote 文件.bin"))
    succeeded(on.client.fmgr_status, on.client.fmgr_fetch(f"fetchURL/{source}/{named('task/fetched.bin')}"))
    on.stored(BUCKET, "task/fetched.bin", path)


@operation
def fmgr_delete(on):
    names = ["task/one.bin", "task/two.bin"]
    for key in names:
        on.put(BUCKET, key)
    # What is not there counts as deleted.
    fops = ";".join(named(key) for key in [*names, "task/never.bin"])
    succeeded(on.client.fmgr_status, on.client.fmgr_delete(fops), 3)
    for key in names:
        on.gone(BUCKET, key)


@operation
def prefix_delete(on):
    for key in ["below/a.bin", "below/b/c.bin", "below.bin"]:
        on.put(BUCKET, key)
    fops = f"bucket/{b64(BUCKET)}/prefix/{b64('below')}"
    succeeded(on.client.fmgr_status, on.client.prefix_delete(fops))
    on.gone(BUCKET, "below/a.bin")
    on.gone(BUCKET, "below/b/c.bin")
    on.stored(BUCKET, "below.bin", on.file(11))


@operation
def m3u8_delete(on):
    for deletets, left in {"": False, "/deletets/0": True}.items():
        on.put(BUCKET, "live/list.m3u8", b"#EXTM3U\n#EXTINF:10,\n0.ts\n#EXT-X-ENDLIST\n")
        segment = on.put(BUCKET, "live/0.ts")
        succeeded(on.client.fmgr_status, on.client.m3u8_delete(named("live/list.m3u8") + deletets))
        on.gone(BUCKET, "live/list.m3u8")
        if left:
            on.stored(BUCKET, "live/0.ts", segment)
        else:
            on.gone(BUCKET, "live/0.ts")


@operation
def fmgr_compress(on):
    names = {"zip/a.txt": b"first", "zip/目录/b.txt": b"second"}
    for key, content in names.items():
        on.put(BUCKET, key, content)
    listed = "|".join(b64(key) for key in names)
    fops = f"bucket/{b64(BUCKET)}/keys/{listed}/saveas/{entry(BUCKET, 'packed.zip')}"
    succeeded(on.client.fmgr_status, on.client.fmgr_compress(fops))
    with zipfile.ZipFile(io.BytesIO(on.content(BUCKET, "packed.zip"))) as archive:
        equal(archive.testzip(), None)
        equal(sorted(map(archive.read, archive.namelist())), sorted(names.values()))
    on.remove(BUCKET, "packed.zip")


@operation
def fmgr_status(on):
    refused(on.client.fmgr_status("200000000000000001"), 404)
    refused(on.client.fmgr_delete("bucket/not-base64"), 400)


@operation
def ops_execute(on):
    on.put(BUCKET, "video.mp4", 1000)
    fops = f"vframe/jpg/offset/1|saveas/{entry(BUCKET, 'video 截图.jpg')}"
    for options in [{}, {"force": "1", "separate": "1"}]:
        with on.options(**options):
            [item] = succeeded(on.client.ops_status, on.client.ops_execute(fops, BUCKET, "video.mp4"))
        equal((item["key"], item["hash"]), ("video 截图.jpg", ok(on.client.stat(BUCKET, "video 截图.jpg"))["hash"]))
    on.remove(BUCKET, "video 截图.jpg")
    refused(on.client.ops_execute(fops, BUCKET, "no such video.mp4"), 404)


@operation
def ops_status(on):
    refused(on.client.ops_status("200000000000000001"), 404)
