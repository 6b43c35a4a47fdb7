# Sends one signed request. Prints the status, then the body. Follows the API document. Usage:
# python3 signed.py URL ACCESS_KEY SECRET_KEY METHOD TARGET [BODY [SCHEME]]
import hashlib
import http.client
import sys
import time
import uuid
from urllib.parse import urlsplit

url, access_key, secret_key, method, target, *rest = sys.argv[1:]
body, scheme = (rest + ["", ""])[:2]
scheme = scheme or "ZEPHR-HMAC-SHA256"
path, _, query = target.partition("?")
if scheme != "ZEPHR-HMAC-SHA256":
    query = ""
timestamp, nonce = str(int(time.time() * 1000)), uuid.uuid4().hex
digest = hashlib.sha256()
for part in (secret_key, body, path, query, method, timestamp, nonce):
    digest.update(part.encode())
headers = {"Authorization": f"{scheme} {access_key}:{timestamp}:{nonce}:{digest.hexdigest()}"}
if body:
    headers["Content-Type"] = "application/json"
server = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
server.request(method, target, body.encode() or None, headers)
answer = server.getresponse()
sys.stdout.buffer.write(f"{answer.status}\n".encode() + answer.read())
