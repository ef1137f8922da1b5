"""Calls every method of the official SDK's Client, and checks the answer and what came of it.

    operations.py all CONFIG DOWNLOAD_URL FOLDER            all operations, each by itself
    operations.py upload CONFIG FILE BUCKET KEY [UPLOAD_ID] one upload in blocks, that of an id when there is one

The last line of output is JSON: what each operation came to and what is stored now, or what the upload returned.
"""
import json
import sys
import traceback

try:
    import crcmod, requests, requests_toolbelt, yaml  # noqa: F401, E401
except ImportError as error:
    sys.exit(f"{error}: install python3-requests, python3-requests-toolbelt, python3-yaml and python3-crcmod")
try:
    import wcs  # noqa: F401
except ImportError as error:
    sys.exit(f"{error}: WCS_PYTHON_SDK has to name the folder that the SDK's package wcs is in")

from wcs.commons.config import Config
from wcs.commons.util import file_crc64
from wcs.services.client import Client

import uploads, objects, tasks  # noqa: F401, E401 - each adds its operations
from support import Service, equal, operation, operations


@operation
def every_method(on):
    methods = {name for name in dir(Client) if not name.startswith("_")}
    equal(methods - on.called, set())


def run_all(config, download_url, folder):
    on = Service(config, download_url, folder)
    outcomes = {}
    for function in operations:
        try:
            function(on)
            outcomes[function.__name__] = "ok"
        except (Exception, SystemExit):
            outcomes[function.__name__] = traceback.format_exc()
    stored = [
        {"bucket": bucket, "key": key, "path": path, "crc64": file_crc64(path)} for (bucket, key), path in on.kept.items()
    ]
    return {"operations": outcomes, "stored": stored}


if __name__ == "__main__":
    command, config_file, *rest = sys.argv[1:]
    given = Config(config_file)
    result = run_all(given, *rest) if command == "all" else Client(given).multipart_upload(*rest)
    print(json.dumps(result))
