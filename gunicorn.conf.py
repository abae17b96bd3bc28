"""What gunicorn reads by itself: how requests are served and logged. Options on its command line win."""

worker_class = "gthread"
threads = 8
access_log_format = '%(h)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(b)s "%(a)s"'
"""Without the query: what support types into the search must not stand in a log that nothing can be erased from."""
