"""Objects, listings and buckets."""
import datetime
import time

from support import BUCKET, MEBIBYTE, OTHER, equal, ok, operation, refused


@operation
def stat_and_delete(on):
    on.put(BUCKET, "deleted.txt")
    stat = ok(on.client.stat(BUCKET, "deleted.txt"))
    equal((stat["result"], stat["code"], stat["mimeType"]), (True, 200, "text/plain"))
    equal((stat["expirationDate"], abs(stat["putTime"] / 1000 - time.time()) < 600), ("", True))
    ok(on.client.delete(BUCKET, "deleted.txt"))
    on.gone(BUCKET, "deleted.txt")
    refused(on.client.delete(BUCKET, "deleted.txt"), 404)
    refused(on.client.stat("no-such-bucket", "deleted.txt"), 404)


@operation
def move(on):
    path = on.put(BUCKET, "moved/here.bin")
    ok(on.client.move(BUCKET, "moved/here.bin", BUCKET, "moved/目录 there.bin"))
    on.gone(BUCKET, "moved/here.bin")
    on.stored(BUCKET, "moved/目录 there.bin", path)
    ok(on.client.move(BUCKET, "moved/目录 there.bin", OTHER))
    on.gone(BUCKET, "moved/目录 there.bin")
    on.stored(OTHER, "moved/目录 there.bin", path)
    refused(on.client.move(BUCKET, "moved/here.bin", OTHER), 404)


@operation
def copy(on):
    path = on.put(BUCKET, "copied/original.bin")
    ok(on.client.copy(BUCKET, "copied/original.bin", BUCKET, "copied/copy.bin"))
    ok(on.client.copy(BUCKET, "copied/original.bin", OTHER))
    for bucket, key in [(BUCKET, "original"), (BUCKET, "copy"), (OTHER, "original")]:
        on.stored(bucket, f"copied/{key}.bin", path)
    refused(on.client.copy(BUCKET, "copied/missing.bin", OTHER), 404)


@operation
def setdeadline(on):
    on.put(BUCKET, "deadline.bin")
    ok(on.client.setdeadline(BUCKET, "deadline.bin", 7))
    days = (int(ok(on.client.stat(BUCKET, "deadline.bin"))["expirationDate"]) / 1000 - time.time()) / 86400
    equal(round(days, 1), 7.0)
    ok(on.client.setdeadline(BUCKET, "deadline.bin", -1))
    equal(ok(on.client.stat(BUCKET, "deadline.bin"))["expirationDate"], "")
    ok(on.client.setdeadline(BUCKET, "deadline.bin", "0"))
    on.gone(BUCKET, "deadline.bin")
    refused(on.client.setdeadline(BUCKET, "deadline.bin", 1), 404)


def keys(page):
    return [item["key"] for item in page["items"]]


@operation
def bucket_list(on):
    names = [f"list/{name}" for name in ["a.txt", "b/1.txt", "b/2.txt", "c.txt", "目录/d.txt"]]
    for key in names:
        on.put(OTHER, key)
    listed = ok(on.client.bucket_list(OTHER, prefix="list/"))
    equal((keys(listed), listed["marker"], listed["commonPrefixes"]), (names, "", []))
    for item in listed["items"]:
        stat = ok(on.client.stat(OTHER, item["key"]))
        equal((item["hash"], item["fsize"], item["mimeType"]), (stat["hash"], str(stat["fsize"]), stat["mimeType"]))
    first = ok(on.client.bucket_list(OTHER, prefix="list/", limit=2))
    second = ok(on.client.bucket_list(OTHER, prefix="list/", limit=1000, marker=first["marker"]))
    equal((keys(first), keys(second), second["marker"]), (names[:2], names[2:], ""))
    for mode in [0, 1]:
        level = ok(on.client.bucket_list(OTHER, prefix="list/", mode=mode))
        equal((keys(level), level["commonPrefixes"]), (["list/a.txt", "list/c.txt"], ["list/b/", "list/目录/"]))
    later = int(time.time() + 3600) * 1000
    equal(keys(ok(on.client.bucket_list(OTHER, prefix="list/", starttime=later))), [])
    equal(keys(ok(on.client.bucket_list(OTHER, prefix="list/", starttime=1, endtime=later))), names)
    refused(on.client.bucket_list("no-such-bucket"), 404)


@operation
def bucket_list_all(on):
    expected = sorted(key for bucket, key in on.kept if bucket == BUCKET)
    equal(sorted(keys(ok(on.client.bucket_listAll(BUCKET, limit=2)))), expected)
    below = [key for key in expected if key.startswith("blocks/")]
    equal(sorted(keys(ok(on.client.bucket_listAll(BUCKET, prefix="blocks/", limit=5)))), below)


@operation
def list_buckets(on):
    equal([bucket["name"] for bucket in ok(on.client.list_buckets())["buckets"]], [BUCKET, OTHER])


def today():
    """The service's day is China's."""
    return datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).strftime("%Y-%m-%d")


@operation
def bucket_stat(on):
    def megabytes(bucket):
        return f"{sum(int(item['fsize']) for item in ok(on.client.bucket_listAll(bucket))['items']) / MEBIBYTE:.3f}"

    day = today()
    for options in [{}, {"isListDetails": "true", "storageType": "Standard"}]:
        answer = ok(on.client.bucket_stat(f"{BUCKET}|{OTHER}", day, day, **options))
        told = {bucket["name"]: bucket["detail"] for bucket in answer["buckets"]}
        equal(told, {name: [{"data_time": day, "storage": megabytes(name)}] for name in [BUCKET, OTHER]})
    refused(on.client.bucket_stat("no-such-bucket", day, day), 404)


@operation
def bucket_statistics(on):
    def uploads():
        begin = (datetime.date.today() - datetime.timedelta(days=2)).strftime("%Y-%m-%d")
        answer = ok(on.client.bucket_statistics(OTHER, "uploadRequest", begin, today()))
        [bucket] = answer["buckets"]
        return int(bucket["detail"][-1]["uploadRequest"])

    before = uploads()
    on.put(OTHER, "counted.bin")
    equal(uploads(), before + 1)


@operation
def image_detect(on):
    image = "http://img.example.com/图.png?x=1&y=2"
    for kind in ["porn", "terror", "political"]:
        [result] = ok(on.client.image_detect(image, kind, BUCKET))["results"]
        # The emulator has no eyes, and says so.
        equal((result["image"], result["errMessage"] != ""), (image, True))


@operation
def wslive_list(on):
    equal(ok(on.client.wslive_list("channel-1", "20260101000000", "20260102000000", BUCKET))["items"], [])
    window = ok(on.client.wslive_list("channel-1", "20260101000000", "20260102000000", BUCKET, start="1", limit=20))
    equal(window["items"], [])
