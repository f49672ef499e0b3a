SELECT last FROM rollup_cursor WHERE one = 1
