-- For haproxy.cfg: it may log in and ask for the node's state, and nothing else.
CREATE USER IF NOT EXISTS 'aether_check'@'%' IDENTIFIED VIA mysql_native_password USING '';
