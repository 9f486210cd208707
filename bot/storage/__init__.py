"""PostgreSQL: the schema and its migrations, one module a store, the embedded server, backups.

`embedded` starts the server that comes with the installation, `migration` brings the schema up, `database` gives scoped
connections, the stores (`shops`, `entries`, `vectors`, `facts`, `events`, `tokens`) implement the ports, `memory` holds
the same stores for tests, and `backup` writes and reads whole installations.
"""
