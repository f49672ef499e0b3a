SELECT bytes FROM pieces WHERE whole = $1 AND place = $2
