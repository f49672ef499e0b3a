-- PostgreSQL keeps these indexes in the commit: it writes what changed of a page, not the page.
SELECT 1;
