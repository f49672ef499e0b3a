SELECT key, fingerprint, status, body, at FROM answers WHERE key = $1
