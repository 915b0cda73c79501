#!/bin/sh
# Runs once, when PostgreSQL's folder is new: a database and a user for the assistant, others for Rasa's trackers, each of which sees its own alone.
# The passwords are read by psql itself, so that they stand in no argument.
set -eu
psql --username postgres --set ON_ERROR_STOP=1 <<'SQL'
\set aid `cat /run/secrets/aid_password`
\set rasa `cat /run/secrets/rasa_password`
CREATE USER aid PASSWORD :'aid';
CREATE USER rasa PASSWORD :'rasa';
CREATE DATABASE aid OWNER aid ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE rasa OWNER rasa ENCODING 'UTF8' TEMPLATE template0;
REVOKE CONNECT ON DATABASE aid, rasa, postgres FROM PUBLIC;
SQL
