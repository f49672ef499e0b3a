SELECT name, media_type, bytes, reference FROM papers WHERE errand = $1
