"""Another program on this machine that uses botocore, as the AWS CLI does. It says whose credentials it got."""

import json
import sys

import botocore.session

session = botocore.session.Session(profile=sys.argv[1])
try:
    credentials = session.get_credentials().get_frozen_credentials()
    print(json.dumps({"accessKeyId": credentials.access_key, "hasSessionToken": credentials.token is not None}))
except Exception as error:
    print(json.dumps({"error": str(error)}))
