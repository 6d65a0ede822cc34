-- A database and an account for each service; psql takes the passwords from files of Compose's secrets.
\set directory `cat /run/secrets/password-directory`
\set hotline `cat /run/secrets/password-hotline`
\set attendant `cat /run/secrets/password-attendant`
\set agency `cat /run/secrets/password-agency`
CREATE ROLE directory LOGIN PASSWORD :'directory';
CREATE ROLE hotline LOGIN PASSWORD :'hotline';
CREATE ROLE attendant LOGIN PASSWORD :'attendant';
CREATE ROLE agency LOGIN PASSWORD :'agency';
CREATE DATABASE directory OWNER directory TEMPLATE template0 ENCODING 'UTF8';
CREATE DATABASE hotline OWNER hotline TEMPLATE template0 ENCODING 'UTF8';
CREATE DATABASE attendant OWNER attendant TEMPLATE template0 ENCODING 'UTF8';
CREATE DATABASE agency OWNER agency TEMPLATE template0 ENCODING 'UTF8';
REVOKE CONNECT ON DATABASE directory, hotline, attendant, agency FROM PUBLIC;
