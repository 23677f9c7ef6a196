-- For haproxy.cfg: it may log in and ask for the node's state, and nothing else.
CREATE USER IF NOT EXISTS 'aether_check'@'%' IDENTIFIED VIA mysql_native_password USING '';
-- For galera.cnf: mariabackup copies this node for one that joins. It runs as the system's user mysql, without a password.
CREATE USER IF NOT EXISTS 'mysql'@'localhost' IDENTIFIED VIA unix_socket;
GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR, REPLICA MONITOR ON *.* TO 'mysql'@'localhost';
