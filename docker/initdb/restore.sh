# Read by the database's image when it makes the database. restore_db loads a backup into a database of its own, named
# after the live one, and swaps their tables.
docker_process_sql --database=mysql <<END
GRANT ALL ON \`${MARIADB_DATABASE//_/\\_}\\_%\`.* TO '$MARIADB_USER'@'%';
END
