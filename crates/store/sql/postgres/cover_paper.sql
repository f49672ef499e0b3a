UPDATE papers SET bytes = $2 WHERE errand = $1
RETURNING errand
