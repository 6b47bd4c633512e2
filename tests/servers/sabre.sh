#!/bin/bash
# sabre/dav 1.8 (PHP): no sync-collection, so it tests the fallback. SABRE_AUTH=digest: Digest alone.
. "$(dirname "$0")/serve.sh"
mkdir -p "$DIR/www" "$DIR/tmp" "$DIR/db"
DIGEST=$(printf alice:SabreDAV:secret | md5sum | cut -d' ' -f1)
sqlite3 "$DIR/db/db.sqlite" <<S
create table users (id integer primary key asc, username text, digesta1 text, unique(username));
create table principals (id integer primary key asc, uri text, email text, displayname text, vcardurl text, unique(uri));
create table groupmembers (id integer primary key asc, principal_id integer, member_id integer, unique(principal_id, member_id));
create table addressbooks (id integer primary key asc, principaluri text, displayname text, uri text, description text, ctag integer);
create table cards (id integer primary key asc, addressbookid integer, carddata blob, uri text, lastmodified integer);
insert into users (username, digesta1) values ('alice', '$DIGEST');
insert into principals (uri, email, displayname) values ('principals/alice', 'alice@example.org', 'Alice');
insert into addressbooks (principaluri, displayname, uri, ctag) values ('principals/alice', 'Contacts', 'contacts', 1);
S
chown -R www-data "$DIR/db"
# PHP gives up root, so its user must be able to walk to the folder.
chmod a+x "$DIR"
cat >"$DIR/www/index.php" <<'P'
<?php
error_reporting(E_ALL & ~E_DEPRECATED & ~E_STRICT & ~E_NOTICE & ~E_WARNING);
ini_set('display_errors', '0');
require_once 'Sabre/autoload.php';
$database = new PDO('sqlite:' . getenv('SABRE_DB'));
$database->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
$database->exec('pragma busy_timeout=20000');
$database->exec('pragma synchronous=off');
class Basic extends Sabre\DAV\Auth\Backend\AbstractBasic {
    protected function validateUserPass($user, $password) {
        return $user === 'alice' && $password === 'secret';
    }
}
$signIn = getenv('SABRE_AUTH') === 'digest' ? new Sabre\DAV\Auth\Backend\PDO($database) : new Basic();
$principals = new Sabre\DAVACL\PrincipalBackend\PDO($database);
$server = new Sabre\DAV\Server(array(
    new Sabre\DAVACL\PrincipalCollection($principals),
    new Sabre\CardDAV\AddressBookRoot($principals, new Sabre\CardDAV\Backend\PDO($database)),
));
$server->setBaseUri('/');
$server->addPlugin(new Sabre\DAV\Auth\Plugin($signIn, 'SabreDAV'));
$server->addPlugin(new Sabre\CardDAV\Plugin());
$server->addPlugin(new Sabre\DAVACL\Plugin());
$server->exec();
P
cat >"$DIR/fpm.conf" <<N
[global]
error_log = $DIR/fpm.log
daemonize = no
[www]
user = www-data
group = www-data
listen = $DIR/fpm.sock
listen.mode = 0666
pm = static
pm.max_children = 4
clear_env = no
catch_workers_output = yes
php_admin_value[post_max_size] = 64M
php_admin_value[memory_limit] = 256M
env[SABRE_DB] = $DIR/db/db.sqlite
env[SABRE_AUTH] = ${SABRE_AUTH:-basic}
N
cat >"$DIR/nginx.conf" <<N
user root; worker_processes 1; pid $DIR/nginx.pid; error_log $DIR/nginx.log; daemon off;
events { worker_connections 256; }
http {
  access_log off; client_max_body_size 64m; keepalive_requests 100000;
  client_body_temp_path $DIR/tmp; proxy_temp_path $DIR/tmp; fastcgi_temp_path $DIR/tmp; uwsgi_temp_path $DIR/tmp; scgi_temp_path $DIR/tmp;
  server {
    listen 127.0.0.1:$PORT;
    location = /.well-known/carddav { return 301 /; }
    location / {
      include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME $DIR/www/index.php; fastcgi_param SCRIPT_NAME /index.php;
      fastcgi_param HTTP_AUTHORIZATION \$http_authorization; fastcgi_read_timeout 300; fastcgi_pass unix:$DIR/fpm.sock;
    }
  }
}
N
run php-fpm8.2 -F -y "$DIR/fpm.conf"
run nginx -e "$DIR/nginx.log" -c "$DIR/nginx.conf"
answers GET "$URL/"
BOOK=$URL/addressbooks/alice/contacts/
request PROPFIND "$BOOK" -H 'Depth: 0'
serve "$URL/" "$BOOK"
