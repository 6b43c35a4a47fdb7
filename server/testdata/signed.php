<?php
// Sends one signed request. Prints the status, then the body. Follows the API document. Usage:
// php signed.php URL ACCESS_KEY SECRET_KEY METHOD TARGET [BODY [SCHEME]]
[, $url, $accessKey, $secretKey, $method, $target] = $argv;
$body = $argv[6] ?? '';
$scheme = ($argv[7] ?? '') ?: 'ZEPHR-HMAC-SHA256';
[$path, $query] = array_pad(explode('?', $target, 2), 2, '');
if ($scheme !== 'ZEPHR-HMAC-SHA256') {
    $query = '';
}
$timestamp = (string) round(microtime(true) * 1000);
$nonce = bin2hex(random_bytes(16));
$hash = hash('sha256', $secretKey . $body . $path . $query . $method . $timestamp . $nonce);
$headers = ["Authorization: $scheme $accessKey:$timestamp:$nonce:$hash"];
if ($body !== '') {
    $headers[] = 'Content-Type: application/json';
}
$answer = file_get_contents($url . $target, false, stream_context_create(['http' => [
    'method' => $method, 'header' => $headers, 'content' => $body, 'ignore_errors' => true, 'timeout' => 60, 'follow_location' => 0,
]]));
if ($answer === false) {
    fwrite(STDERR, "$method $target: no answer\n");
    exit(1);
}
preg_match('~^HTTP/\S+ (\d{3})~', $http_response_header[0], $status);
echo $status[1], "\n", $answer;
