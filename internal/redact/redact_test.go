package redact

import (
	"slices"
	"strings"
	"testing"
)

// Keys for these tests, put together so that no scanner of repositories takes them for
// real ones.
var (
	awsKey    = "AKIA" + "IOSFODNN7EXAMPLE"
	githubKey = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
	slackKey  = "xoxb" + "-123456789012-abcdefABCDEF"
	stripeKey = "sk_live" + "_4eC39HqLyjWDarjtT1zdp7dc"
	webKey    = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"
	botKey    = "123456789" + ":AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
	hexKey    = "0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
)

func TestArgs(t *testing.T) {
	// Arguments are separated by "|".
	for _, test := range []struct{ args, want string }{
		// Options with the secret as the next argument or behind "=".
		{"x|--token|abc", "x|--token|***"},
		{"x|--token=abc", "x|--token=***"},
		{"x|-token|abc", "x|-token|***"},
		{"x|-token=abc", "x|-token=***"},
		{"x|--token", "x|--token"},
		{"x|--token=", "x|--token="},
		{"x|--token||y", "x|--token||y"},
		{"x|--token|-abcdef", "x|--token|***"}, // secrets can begin with a dash
		{"x|--token|--verbose|y", "x|--token|--verbose|y"},
		{"x|--token|-v|y", "x|--token|-v|y"},
		{"x|--api-key|abc|--port|80", "x|--api-key|***|--port|80"},
		{"x|--api_key=abc", "x|--api_key=***"},
		{"x|--apiKey|abc", "x|--apiKey|***"},
		{"x|--APIKey|abc", "x|--APIKey|***"},
		{"x|api_key=abc", "x|api_key=***"},
		{"x|--password|a b c", "x|--password|***"},
		{"x|--password=a b&c;d", "x|--password=***"},
		{"x|--passwd|abc", "x|--passwd|***"},
		{"x|--db-password2|abc", "x|--db-password2|***"},
		{"x|--secret|abc", "x|--secret|***"},
		{"x|--client-secret=abc", "x|--client-secret=***"},
		{"x|--auth|abc", "x|--auth|***"},
		{"x|--bearer|abc", "x|--bearer|***"},
		{"x|--credential|abc", "x|--credential|***"},
		{"x|--private-key|" + hexKey, "x|--private-key|***"},
		{"x|--access_key|abc", "x|--access_key|***"},
		{"x|--access-key-id=abc", "x|--access-key-id=***"},
		{"x|--secret-id|abc", "x|--secret-id|***"},
		{"x|--binance-key|abc", "x|--binance-key|***"},
		{"x|--kraken.keys|abc", "x|--kraken.keys|***"},
		{"x|--wallet-mnemonic|a b c", "x|--wallet-mnemonic|***"},
		{"x|--key|a8Kd93jFk20Xd91mQ", "x|--key|***"},
		{"x|--api-tokens|a,b", "x|--api-tokens|***"},
		{"openssl|rsa|-passin|pass:abc", "openssl|rsa|-passin|***"},
		{"keytool|-storepass|abc|-keypass|abc", "keytool|-storepass|***|-keypass|***"},
		{"java|-Dspring.datasource.password=abc|-jar|x.jar", "java|-Dspring.datasource.password=***|-jar|x.jar"},
		{"java|-Djavax.net.ssl.trustStorePassword=abc", "java|-Djavax.net.ssl.trustStorePassword=***"},
		{"java|-Dauth=abc", "java|-Dauth=***"},
		{"x|--set=db.password=a,b", "x|--set=db.password=***"},

		// Variables.
		{"env|AWS_SECRET_ACCESS_KEY=abc|x", "env|AWS_SECRET_ACCESS_KEY=***|x"},
		{"env|PGPASSWORD=abc|psql", "env|PGPASSWORD=***|psql"},
		{"env|MYSQL_PWD=abc|REDISCLI_AUTH=abc", "env|MYSQL_PWD=***|REDISCLI_AUTH=***"},
		{"docker|run|-e|DB_PASS=abc|img", "docker|run|-e|DB_PASS=***|img"},
		{"docker|run|--env=DB_PASSWORD=abc|img", "docker|run|--env=DB_PASSWORD=***|img"},
		{"x|PASSWORD_DB=abc|API_KEY_PROD=abc|TOKEN_SERVICE=abc", "x|PASSWORD_DB=***|API_KEY_PROD=***|TOKEN_SERVICE=***"},

		// Programs with options of their own.
		{"mysql|-uroot|-pabc|db", "mysql|-uroot|-p***|db"},
		{"/usr/bin/mysqldump|-pabc", "/usr/bin/mysqldump|-p***"},
		{"mariadb|-p|db", "mariadb|-p|db"},
		{"sudo|mysql|-pabc", "sudo|mysql|-p***"},
		{"mkdir|-pabc", "mkdir|-pabc"},
		{"sshpass|-p|abc|ssh|h", "sshpass|-p|***|ssh|h"},
		{"sshpass|-pabc|ssh|h", "sshpass|-p***|ssh|h"},
		{"sshpass|-f|/run/pw|ssh|h", "sshpass|-f|/run/pw|ssh|h"},
		{"curl|-u|bob:abc|http://h", "curl|-u|bob:***|http://h"},
		{"curl|-ubob:abc|http://h", "curl|-ubob:***|http://h"},
		{"curl|-su|bob:abc", "curl|-su|bob:***"},
		{"curl|--user=bob:abc|--proxy-user|p:q", "curl|--user=bob:***|--proxy-user|p:***"},
		{"curl|-u|bob", "curl|-u|bob"},
		{"curl|-H|Authorization: Bearer abc|http://h", "curl|-H|Authorization: Bearer ***|http://h"},
		{"curl|-H|Authorization: Basic YWJj", "curl|-H|Authorization: Basic ***"},
		{"curl|-H|X-Api-Key: a b", "curl|-H|X-Api-Key: ***"},
		{"curl|--header=Authorization: abc", "curl|--header=Authorization: ***"},
		{"curl|-H|Authorization:|Bearer|abc", "curl|-H|Authorization:|Bearer|***"},
		{"curl|-H|Authorization: Bearer|abc", "curl|-H|Authorization: Bearer|***"},
		{"curl|-H|Cookie: a=b; c=d", "curl|-H|Cookie: ***"},
		{`curl|-d|{"user":"bob","password":"a\"b","x":1}`, `curl|-d|{"user":"bob","password":"***","x":1}`},
		{`curl|-d|{"token":123456,"x":1}`, `curl|-d|{"token":***,"x":1}`},
		{`x|{\"password\":\"abc\",\"x\":1}`, `x|{\"password\":\"***\",\"x\":1}`},
		{"curl|-d|user=bob&password=abc&x=1", "curl|-d|user=bob&password=***&x=1"},
		{"http|-a|bob:abc|h", "http|-a|bob:***|h"},
		{"redis-cli|-a|abc|-h|h", "redis-cli|-a|***|-h|h"},
		{"redis-server|--requirepass|abc", "redis-server|--requirepass|***"},
		{"redis-cli|config|set|requirepass|abc", "redis-cli|config|set|requirepass|***"},
		{"mongosh|-u|bob|-p|abc", "mongosh|-u|bob|-p|***"},
		{"sqlcmd|-S|h|-P|abc", "sqlcmd|-S|h|-P|***"},
		{"ldapsearch|-w|abc", "ldapsearch|-w|***"},
		{"docker|login|-u|bob|-p|abc|h", "docker|login|-u|bob|-p|***|h"},
		{"docker|run|-p|8080:80|img", "docker|run|-p|8080:80|img"},
		{"7z|x|-pabc|f.7z", "7z|x|-p***|f.7z"},
		{"rar|a|-hpabc|f", "rar|a|-hp***|f"},
		{"unzip|-P|abc|f.zip", "unzip|-P|***|f.zip"},
		{"openssl|enc|-k|abc", "openssl|enc|-k|***"},
		{"smbclient|//h/s|-U|bob%abc", "smbclient|//h/s|-U|bob%***"},
		{"mosquitto_sub|-u|bob|-P|abc", "mosquitto_sub|-u|bob|-P|***"},
		{"ngrok|authtoken|abc", "ngrok|authtoken|***"},
		{"ffmpeg|-pass|1|-i|x", "ffmpeg|-pass|1|-i|x"},
		{"x|-pass|abc", "x|-pass|***"},

		{"aws|configure|set|aws_secret_access_key|abc", "aws|configure|set|aws_secret_access_key|***"},
		{"npm|config|set|//registry.npmjs.org/:_authToken=abc", "npm|config|set|//registry.npmjs.org/:_authToken=***"},
		{"kubectl|create|secret|generic|x|--from-literal=password=abc", "kubectl|create|secret|generic|x|--from-literal=password=***"},
		{"terraform|apply|-var|db_password=abc", "terraform|apply|-var|db_password=***"},
		{`python|-c|Client(api_key="abc", x=1)`, `python|-c|Client(api_key="***", x=1)`},
		{`python|-c|os.environ['TOKEN'] = 'abc'; x()`, `python|-c|os.environ['TOKEN'] = '***'; x()`},
		{"x|https://h/blob?sv=1&sig=abc%3D", "x|https://h/blob?sv=1&sig=***"},
		{"x|--seed-phrase|a b c", "x|--seed-phrase|***"},

		// Addresses.
		{"x|postgres://u:abc@h/db", "x|postgres://u:***@h/db"},
		{"x|--dsn=postgres://u:abc@h/db", "x|--dsn=postgres://u:***@h/db"},
		{"x|redis://:abc@h:6379/0", "x|redis://:***@h:6379/0"},
		{"x|amqp://u:a@b@h", "x|amqp://u:***@h"},
		{"x|postgres://u:a/b?c@h/db", "x|postgres://u:***@h/db"}, // should have been escaped
		{"x|postgres://u:abcdefgh…", "x|postgres://u:***"},       // was cut short
		{"x|https://bob:abc@h/p", "x|https://***@h/p"},
		{"x|https://abc@h/p", "x|https://***@h/p"},
		{"x|git+https://abc:x-oauth-basic@h/p", "x|git+https://***@h/p"},
		{"x|ssh://git@h/p", "x|ssh://git@h/p"},
		{"x|http://h:8080/p@q", "x|http://h:8080/p@q"},
		{"x|http://[::1]:8080/", "x|http://[::1]:8080/"},
		{"x|https://h/@bob", "x|https://h/@bob"},
		{"x|a://u:b@h|c://u:d@h", "x|a://u:***@h|c://u:***@h"},
		{"x|a://u:b@h,c://u:d@h", "x|a://u:***@h,c://u:***@h"},
		{"x|https://h/?token=abc&x=1", "x|https://h/?token=***&x=1"},
		{"x|https://h/?x=1&api_key=abc#f", "x|https://h/?x=1&api_key=***#f"},
		{"x|jdbc:mysql://h/db?user=u&password=abc", "x|jdbc:mysql://h/db?user=u&password=***"},
		{"x|u:abc@tcp(h:3306)/db", "x|u:***@tcp(h:3306)/db"},
		{"x|Server=h;Password=a b,c;Database=d", "x|Server=h;Password=***;Database=d"},
		{"x|host=h password=a;b dbname=d", "x|host=h password=*** dbname=d"},
		{"mount|-o|user=u,password=abc,uid=1", "mount|-o|user=u,password=***,uid=1"},
		{"x|https://hooks.slack.com/services/T0/B0/abc", "x|https://hooks.slack.com/services/***"},
		{"x|https://discord.com/api/webhooks/1/abc?wait=1", "x|https://discord.com/api/webhooks/***?wait=1"},

		// Shapes.
		{"x|" + awsKey, "x|***"},
		{"x|a," + githubKey + ",b", "x|a,***,b"},
		{"x|" + slackKey, "x|***"},
		{"x|" + stripeKey, "x|***"},
		{"x|t:" + webKey, "x|t:***"},
		{"x|" + botKey, "x|***"},
		{"x|https://api.telegram.org/bot" + botKey + "/getMe", "x|https://api.telegram.org/bot***/getMe"},
		{"x|--hash|" + hexKey, "x|--hash|" + hexKey}, // a transaction, not a key
		{"x|-----BEGIN RSA PRIVATE KEY-----\nabc", "x|***"},

		// Command lines within arguments.
		{"sh|-c|cd /x && mysql -uroot -pabc db", "sh|-c|cd /x && mysql -uroot -p*** db"},
		{"bash|-lc|TOKEN=abc python app.py --port 80", "bash|-lc|TOKEN=*** python app.py --port 80"},
		{"sh|-c|curl -H \"Authorization: Bearer abc\" http://h", "sh|-c|curl -H \"Authorization: Bearer ***\" http://h"},
		{"sh|-c|x --password 'a b' --port 80", "sh|-c|x --password '***' --port 80"},
		{"sh|-c|sh -c 'x --token abc'", "sh|-c|sh -c 'x --token ***'"},
		{"ssh|h|x --token abc -v", "ssh|h|x --token *** -v"},

		// A name, a colon and no blank.
		{"x|--password:hunter2", "x|--password:***"},
		{"x|DB_PASSWORD:hunter2", "x|DB_PASSWORD:***"},
		{"x|api_key:x|token:x|secret:x", "x|api_key:***|token:***|secret:***"},
		{"x|/password:a b|/token:x|password:x", "x|/password:***|/token:***|password:***"},
		{"x|spring.datasource.password:x|a,token:x|--env=TOKEN:x", "x|spring.datasource.password:***|a,token:***|--env=TOKEN:***"},
		{"http|h|X-Api-Token:x|Cookie:a=b", "http|h|X-Api-Token:***|Cookie:***"},
		{"x|auth:a8Kd93jFk20Xd91mQ|key:a8Kd93jFk20Xd91mQ", "x|auth:***|key:***"},

		// A word of its own before the secret.
		{"nmcli|device|wifi|connect|home|password|hunter2", "nmcli|device|wifi|connect|home|password|***"},
		{"nmcli|device|wifi|connect|cat|password|hunter2", "nmcli|device|wifi|connect|cat|password|***"},
		{"nmcli|c|modify|home|wifi-sec.key-mgmt|wpa-psk|wifi-sec.psk|hunter2", "nmcli|c|modify|home|wifi-sec.key-mgmt|wpa-psk|wifi-sec.psk|***"},
		{"x|passwd|a|passphrase|b|psk|c", "x|passwd|***|passphrase|***|psk|***"},
		{"x|token|a8Kd93jFk20Xd91mQ|secret|a8Kd93jFk20Xd91mQ", "x|token|***|secret|***"},
		{"neo4j-admin|dbms|set-initial-password|hunter2", "neo4j-admin|dbms|set-initial-password|***"},
		{"sh|-c|nmcli d wifi connect home password hunter2 -w 5", "sh|-c|nmcli d wifi connect home password *** -w 5"},
		{"sh|-c|grep home f && nmcli d wifi connect home password hunter2", "sh|-c|grep home f && nmcli d wifi connect home password ***"},
		{"sh|-c|ls; x password = hunter2", "sh|-c|ls; x password = ***"},
		{"nmcli device wifi connect home password hunter2", "nmcli device wifi connect home password ***"},
		{"psql|-c|ALTER USER bob PASSWORD 'hunter2' VALID", "psql|-c|ALTER USER bob PASSWORD '***' VALID"},
		{"mysql|-e|CREATE USER bob IDENTIFIED BY 'hunter2'", "mysql|-e|CREATE USER bob IDENTIFIED BY '***'"},

		// User and password in one.
		{"x|-u|bob:hunter2|y", "x|-u|bob:***|y"},
		{"x|--user|bob:hunter2", "x|--user|bob:***"},
		{"x|--user=bob@h.org:hunter2", "x|--user=bob@h.org:***"},
		{"x|-u|bob:123456|-u|ACME\\bob:1a", "x|-u|bob:***|-u|ACME\\bob:***"},
		{"docker|run|img|x|-u|bob:Hunter2!", "docker|run|img|x|-u|bob:***"},
		{"docker|run|img|curl|-u|bob:hunter2", "docker|run|img|curl|-u|bob:***"},

		// More programs.
		{"curl|-b|session=x|h", "curl|-b|***|h"},
		{"curl|-sb|session=x|-bsession=x", "curl|-sb|***|-b***"},
		{"curl|-b|cookies.txt|-Fbob=1|-obackup=1", "curl|-b|cookies.txt|-Fbob=1|-obackup=1"},
		{"ipmitool|-H|h|-P|x", "ipmitool|-H|h|-P|***"},
		{"xfreerdp|/u:bob|/p:x|/gp:y|/v:h", "xfreerdp|/u:bob|/p:***|/gp:***|/v:h"},
		{"x|jdbc:oracle:thin:u/PW@h:1521:db", "x|jdbc:oracle:thin:u/***@h:1521:db"},
		{"x|jdbc:oracle:thin:u/a@b@//h:1521/db", "x|jdbc:oracle:thin:u/***@//h:1521/db"},
		{"x|a=jdbc:oracle:oci:u/PW@h b=jdbc:oracle:thin:u/PW@h", "x|a=jdbc:oracle:oci:u/***@h b=jdbc:oracle:thin:u/***@h"},
		{"x|jdbc:oracle:thin:@//h:1521/db", "x|jdbc:oracle:thin:@//h:1521/db"},
		{"x|psk=x|--psk|x|wpa_psk=x", "x|psk=***|--psk|***|wpa_psk=***"},

		// Titles: one argument with blanks.
		{"gunicorn: master --token abc [api:app]", "gunicorn: master --token *** [api:app]"},
		{"x --password=abc --port 80", "x --password=*** --port 80"},
		{"nginx: it's a worker --token abc", "nginx: it's a worker --token ***"},
		{"postgres: bob db 10.0.0.1(5432) idle", "postgres: bob db 10.0.0.1(5432) idle"},
		{"x Authorization: Bearer abc", "x Authorization: Bearer ***"},
	} {
		args, want := strings.Split(test.args, "|"), strings.Split(test.want, "|")
		before := slices.Clone(args)
		got := Args(args)
		if !slices.Equal(got, want) {
			t.Errorf("%q\n is shown as %q\n       want %q", args, got, want)
		}
		if !slices.Equal(args, before) {
			t.Errorf("%q were changed to %q", before, args)
		}
		if again := Args(got); !slices.Equal(again, got) {
			t.Errorf("%q redacted again is %q", got, again)
		}
	}
}

func TestHarmless(t *testing.T) {
	for _, line := range []string{
		"python|train.py|--tokenizer|bert|--max-tokens|100|--max-token|5|--pad-token|[PAD]|--eos_token|</s>",
		"x|--max_new_tokens=256|--num-tokens|5|--token-limit|100|--tokens|12",
		"x|--key-file|/etc/ssl/x.key|--password-file|/run/secret|--passwordFile=/run/secret|--secret-path|/a",
		"x|--author|bob|--authority|x|--authors=a,b|--oauth-provider|github",
		"monkey=1|--monkey|2|--keyboard|us|--keyspace|k|--hotkey|x|turkey=3",
		"x|--port|8501|--key|id|--sort-key|name|--key|/etc/ssl/x.key|--public-key|/a.pub",
		"x|--auth=basic|--auth|none|--auth-type|ldap|--auth-server|h|--no-auth|y|--enable-auth|y",
		"x|--password-stdin|y|--with-token|y|--ask-password|y|--token-name|ci|--token-ttl=1h",
		"uvicorn|auth:app|--workers|4",
		"gunicorn|secret.wsgi:app",
		"npm|run|auth:dev",
		"docker|run|-v|/srv/secret:/run/secret:ro|registry/auth:latest",
		"ssh|-i|/home/bob/.ssh/id_ed25519|bob@h",
		"git|clone|git@github.com:bob/x.git",
		"x|--image|img@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		"/usr/bin/python3|-u|/srv/trader/app.py",
		"java|-Xmx1g|-XX:+UseG1GC|-cp|/a/b.jar:/c.jar|com.acme.auth.TokenServer",
		"x|--compass|north|--passes|3|--bypass|x|--secretary|eve",
		"pip|install|token==1.2|x::password",
		"zol0|--filter|password", "zol0|--filter|password|--json", "zol0|--filter|token|top",
		"grep|password|file", "/usr/bin/grep|-r|password|file", "sudo|grep|password|file", "less|password|x", "vi|passwd|group",
		"passwd|root", "/usr/bin/passwd|root", "sudo|passwd|root", "env|A=b|passwd|root", "getent|passwd|root", "rg|token|a8Kd93jFk20Xd91mQ",
		"sh|-c|cat f; grep password g && head -1", "sh|-c|cd /x && passwd root; ls -l", "sh|-c|x password && less -R",
		"x|password|--stdin", "x|password|-f", "x|password|/run/secret", "x|password|./f", "x|password",
		"vault|token|lookup", "kubectl|get|secret|web", "gh|auth|token", "docker|secret|create|web|f", "kubeadm|token|create",
		"x|secrets|enable|--|password-manager|open|mypassword|x",
		"docker|run|-u|1000:1000|img", "docker|run|--user|root:root|img", "podman|run|--user=app:staff|img", "sudo|docker|exec|-u|app:staff|c",
		"chown|-u|app:staff", "setpriv|-u|app:staff", "systemd-run|--user|app:staff", "x|-u|1000:1000",
		"x|-u|h:8080", "x|-u|h:8080/a", "x|-u|http://h:8080", "x|-u|C:\\x", "x|-u|a:/b", "x|--user|bob", "x|-u|bob:", "socat|-u|TCP:h|STDOUT",
		"sh|-c|docker run -u \"$(id -u):$(id -g)\" img", "sh|-c|docker run -u $U:$G img",
		"docker|run|token:latest|-v|secret:/run/secret:ro|h/secret:v2", "x|bob@token:x|arn:aws:secretsmanager:eu:1:secret:prod",
		"uvicorn|token:app", "gunicorn|secret.wsgi:main", "/usr/bin/xapp-sn-watcher",
		"x|/p:x|-P|x|-b|a=b", "x|--key-mgmt|wpa-psk|--psk-file|f", "psql|-c|SELECT password FROM users ORDER BY 'x'",
		"x|12:34:56|2026-01-02T03:04:05|1234567:80",
		"x|http://h:80/a?b=c&d=e|file:///etc/secret",
		"",
		"nginx: worker process",
		"x|",
	} {
		args := strings.Split(line, "|")
		if got := Args(args); !slices.Equal(got, args) {
			t.Errorf("%q\n is shown as %q", args, got)
		}
		if allocs := testing.AllocsPerRun(10, func() { Args(args) }); allocs != 0 {
			t.Errorf("%q: %v allocations though nothing is secret", args, allocs)
		}
	}
	if got := Args(nil); got != nil {
		t.Errorf("no arguments become %q", got)
	}
}

// A pipe ends the command to which a word belongs.
func TestPipes(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"cat f | grep password g | head -1", "cat f | grep password g | head -1"},
		{"x password | less -R", "x password | less -R"},
		{"grep -r home f | nmcli connect home password hunter2", "grep -r home f | nmcli connect home password ***"},
	} {
		if got := Args([]string{"sh", "-c", test.text}); got[2] != test.want {
			t.Errorf("%q\n is shown as %q\n       want %q", test.text, got[2], test.want)
		}
	}
}
