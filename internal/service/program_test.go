package service

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// cwd is where the processes of these tests stand.
const cwd = "/srv/trader"

func programName(args []string) string {
	p := programOf(args)
	if p.label == "" {
		return ""
	}
	return p.name(func() string { return cwd })
}

func TestProgramOf(t *testing.T) {
	// A command line, its arguments separated by blanks, and the name it gets. "" means
	// that it names no program.
	for _, test := range []struct{ command, want string }{
		// Python: files, modules, options with and without values.
		{"python signals.py", "signals.py"},
		{"python3 /opt/x/signals.py --fast", "signals.py"},
		{"/venv/bin/python3.11 -u signals.py", "signals.py"},
		{"python3.13t -OO -X dev -W ignore -Wdefault signals.py", "signals.py"},
		{"python -Xdev -bb -I signals.py", "signals.py"},
		{"python --check-hash-based-pycs always signals.py", "signals.py"},
		{"python -- signals.py", "signals.py"},
		{"pypy3 signals.py", "signals.py"},
		{`C:\Python312\python.exe C:\bots\momentum.py`, "momentum.py"},
		{"python -m momentum.live --x", "momentum.live"},
		{"python -mmomentum", "momentum"},
		{"python -um momentum", "momentum"},
		{"python -m http.server 8000", "http.server"},
		{"python /srv/momentum/", "momentum"},
		{"python", ""},
		{"python -", ""},
		{"python -i", ""},
		{"python -c print(1)", ""},
		{"python -uc print(1)", ""},
		{"python3 -m multiprocessing.resource_tracker", ""},
		{"python -m", ""},

		// Names that half of all projects use get their directory.
		{"python /srv/trader/app.py", "trader/app.py"},
		{"python app.py", "trader/app.py"},
		{"python ./app.py", "trader/app.py"},
		{"python ../grid/main.py", "grid/main.py"},
		{"python src/main.py", "trader/src/main.py"},
		{"python /app/main.py", "app/main.py"},
		{"python /srv/shop/releases/20260101120000/app.py", "shop/app.py"},
		{"python /srv/shop/current/app.py", "shop/app.py"},
		{"python /srv/shop/v1.4.2/app.py", "shop/app.py"},
		{"python /srv/shop/3fe448e/app.py", "shop/app.py"},
		{"python /srv/bots/2/bot.py", "bots/2/bot.py"},
		{"python -m bot", "trader/bot"},
		{"python -m src.main", "trader/src.main"},
		{"python manage.py runserver 0.0.0.0:8000", "trader/manage.py runserver"},
		{"python manage.py --settings x qcluster", "trader/manage.py qcluster"},
		{"python /srv/shop/manage.py", "shop/manage.py"},

		// Launchers are named by what they launch.
		{"/venv/bin/python /venv/bin/streamlit run dash.py --server.port 8509", "dash.py"},
		{"python -m streamlit run dash.py", "dash.py"},
		{"python -m streamlit --log_level debug run --server.port 8509 --server.headless=true dash.py -- --x", "dash.py"},
		{"streamlit run app.py", "trader/app.py"},
		{"python -m streamlit.web.cli run dash.py", "dash.py"},
		{"python /usr/bin/streamlit hello", "streamlit hello"},
		{"/venv/bin/python /venv/bin/uvicorn pkg.main:app --port 8000", "pkg.main:app"},
		{"python -m uvicorn --host 0.0.0.0 --reload pkg.main:app", "pkg.main:app"},
		{"python /venv/bin/gunicorn -w 4 api:app", "api:app"},
		{"python /venv/bin/gunicorn api:app -w 4", "api:app"},
		{"python /venv/bin/gunicorn -w4 -b0.0.0.0:80 --reload --preload -k uvicorn.workers.UvicornWorker api:app", "api:app"},
		{"python /venv/bin/gunicorn -c gunicorn.conf.py", "trader/gunicorn"},
		{"python -m hypercorn --bind :80 pkg:app", "pkg:app"},
		{"python /usr/bin/daphne -p 8001 proj.asgi:application", "proj.asgi:application"},
		{"python /usr/bin/waitress-serve --port=80 wsgi:app", "wsgi:app"},
		{"python /venv/bin/celery -A proj worker -l info", "celery proj worker"},
		{"python -m celery --app=proj beat", "celery proj beat"},
		{"python /venv/bin/celery worker -A proj", "celery proj worker"},
		{"python /venv/bin/celery worker", "trader/celery worker"},
		{"python /venv/bin/flask --app shop run --port 5000", "shop"},
		{"python -m flask --app app.py run", "trader/app.py"},
		{"python -m flask run", "trader/flask run"},
		{"python -m flask -A shop worker", "flask shop worker"},
		{"python /venv/bin/fastapi run svc.py", "svc.py"},
		{"python /venv/bin/airflow scheduler", "airflow scheduler"},
		{"python /venv/bin/jupyter-lab", "jupyter-lab"},
		{"python -m ipykernel_launcher -f /run/k.json", "ipykernel_launcher"},
		{"python -m debugpy --listen 5678 signals.py", "signals.py"},
		{"python -m debugpy --listen 5678 -m momentum", "momentum"},
		{"python -m memray run -o out.bin signals.py", "signals.py"},
		{"python /venv/bin/coverage run --source x -m momentum", "momentum"},
		{"python /venv/bin/ddtrace-run gunicorn api:app", "api:app"},
		{"python /venv/bin/ddtrace-run python signals.py", "signals.py"},
		{"python /usr/bin/supervisord -n", "supervisord"},
		{"python celery.py", "celery.py"},

		// JavaScript.
		{"node relay.js", "relay.js"},
		{"node server.js", "trader/server.js"},
		{"/usr/bin/node --max-old-space-size=4096 --inspect -r dotenv/config /srv/shop/server.js", "shop/server.js"},
		{"node --max-old-space-size 4096 relay.js", "relay.js"},
		{"node20 --import ./tracing.mjs relay.mjs", "relay.mjs"},
		{"node inspect relay.js", "relay.js"},
		{"node -e 1", ""},
		{"node", ""},
		{"node --run start", "trader/node --run start"},
		{"node /usr/bin/npm run start", "trader/npm run start"},
		{"node /usr/lib/node_modules/npm/bin/npm-cli.js run start", "trader/npm run start"},
		{"node /usr/bin/npx vite --port 3000", "trader/npx vite"},
		{"node /srv/shop/.yarn/releases/yarn-4.1.0.cjs start", "trader/yarn start"},
		{"node /usr/bin/corepack yarn start", "trader/yarn start"},
		{"node /srv/shop/node_modules/.bin/vite", "shop/vite"},
		{"node /srv/shop/node_modules/vite/bin/vite.js", "shop/vite"},
		{"node node_modules/.bin/next start", "trader/next"},
		{"node /usr/lib/node_modules/n8n/bin/n8n start", "n8n"},
		{"node /usr/lib/node_modules/@scope/tool/dist/index.js", "tool"},
		{"node /srv/shop/node_modules/.bin/ts-node -P tsconfig.json src/relay.ts", "relay.ts"},
		{"node /srv/shop/node_modules/.bin/nodemon --watch src server.js", "trader/server.js"},
		{"node /srv/api/server.js", "api/server.js"}, // PM2's title is one text of the same look
		{"deno run -A --import-map m.json relay.ts", "relay.ts"},
		{"deno run https://deno.land/std/http/file_server.ts?x=1", "file_server.ts"},
		{"deno task start", "trader/deno task start"},
		{"deno repl", ""},
		{"bun run relay.ts", "relay.ts"},
		{"bun --hot relay.ts", "relay.ts"},
		{"bun run start", "trader/bun run start"},
		{"bun index.ts", "trader/index.ts"},

		// The JVM.
		{"java -jar trader.jar", "trader.jar"},
		{"java -Xmx1g -XX:+UseG1GC -Dx=y -jar /opt/t/trader-1.4.2.jar --server.port=80", "trader.jar"},
		{"java -jar /opt/t/trader-v2-SNAPSHOT.jar", "trader.jar"},
		{"java -jar log4j-demo.jar", "log4j-demo.jar"},
		{"java -jar /srv/shop/app.jar", "shop/app.jar"},
		{"java -jar /srv/shop/app-1.2.jar", "shop/app.jar"},
		{"/usr/lib/jvm/17/bin/java -cp a.jar:b.jar com.acme.Trader", "com.acme.Trader"},
		{"java -classpath x -ea --add-opens java.base/java.lang=ALL-UNNAMED kafka.Kafka server.properties", "kafka.Kafka"},
		{"java --module-path mods -m acme.app/com.acme.Trader", "com.acme.Trader"},
		{"java --module=acme.app", "acme.app"},
		{"java @args.txt", ""},
		{"java @args.txt com.acme.Trader", "com.acme.Trader"},
		{"java Main", "trader/Main"},
		{"java Sleeper.java", "Sleeper.java"},
		{"java org.springframework.boot.loader.launch.JarLauncher", "trader/org.springframework.boot.loader.launch.JarLauncher"},
		{"java -version", ""},

		// The others.
		{"ruby -I lib -W0 relay.rb", "relay.rb"},
		{"ruby3.2 bin/rails server -p 3000", "trader/rails server"},
		{"ruby /usr/bin/bundle exec sidekiq", "trader/sidekiq"},
		{"ruby -e 1", ""},
		{"php8.2 artisan queue:work --tries=3", "trader/artisan queue:work"},
		{"php -d memory_limit=1G -f relay.php", "relay.php"},
		{"php -r 1;", ""},
		{"php -S 0.0.0.0:8000", "trader/php -S"},
		{"perl -w -Mstrict -I lib relay.pl", "relay.pl"},
		{"perl5.36.0 -Ilib relay.pl", "relay.pl"},
		{"perl -ne print", ""},
		{"Rscript --vanilla report.R", "report.R"},
		{"/usr/lib/R/bin/exec/R --no-echo --file=report.R --args x", "report.R"},
		{"R", ""},
		{"r2d2 -f config.toml", ""},
		{"dotnet /opt/x/Trader.dll", "Trader.dll"},
		{"dotnet exec --runtimeconfig x.json Trader.dll", "Trader.dll"},
		{"dotnet run --project Shop", "Shop"},
		{"mono Trader.exe", "Trader.exe"},
		{"bash /opt/x/loop.sh", "loop.sh"},
		{"bash -c sleep", ""},
		{"bash /dev/fd/3", ""},
		{"python /proc/self/fd/3", ""},
		{"sh -euc sleep", ""},
		{"-bash", ""},

		// What is no interpreter has no program.
		{"nginx: worker process", ""},
		{"/usr/sbin/nginx -g daemon", ""},
		{"node_exporter --web.listen-address=:9100", ""},
		{"python-config --cflags", ""},
	} {
		if got := programName(strings.Fields(test.command)); got != test.want {
			t.Errorf("%s\n is called %q, want %q", test.command, got, test.want)
		}
		// Written over their arguments by setproctitle, they are one text.
		if got := programName([]string{test.command}); strings.Contains(test.command, " ") && got != test.want {
			t.Errorf("%s (one text)\n is called %q, want %q", test.command, got, test.want)
		}
	}
}

// Servers that write a title over their arguments leave one text.
func TestTitledProgram(t *testing.T) {
	for _, test := range []struct{ title, want string }{
		{"gunicorn: master [api:app]", "api:app"},
		{"[celeryd: celery@host:MainProcess] -active- (-A proj worker)", "celery proj worker"},
		{"[celeryd: celery@host:MainProcess] -active- (/venv/bin/celery -A proj worker)", "celery proj worker"},
		{"npm run start --host", "trader/npm run start"},
		{"npm start", "trader/npm start"},
		{"PM2 v5.3.0: God Daemon (/home/bob/.pm2)", "pm2"},
		{"puma 6.4.0 (tcp://0.0.0.0:9292) [shop]", "puma shop"},
		{"puma: cluster worker 0: 812 [shop]", "puma shop"},
		{"sidekiq 7.1.0 shop [3 of 5 busy]", "sidekiq shop"},
		{"npm", ""},
		{"gunicorn: master", ""},
		{"sidekiq 7.1.0 [0 of 5 busy]", ""},
		{"   ", ""},
	} {
		if got := programName([]string{test.title}); got != test.want {
			t.Errorf("%s\n is called %q, want %q", test.title, got, test.want)
		}
	}
}

func TestProgramWithoutCwd(t *testing.T) {
	p := programOf([]string{"python", "app.py"})
	if got := p.name(func() string { return "" }); got != "app.py" {
		t.Errorf("without a working directory app.py is called %q", got)
	}
}

func TestWrittenPort(t *testing.T) {
	for command, want := range map[string]uint16{
		"python -m streamlit run x.py --server.port 8501": 8501,
		"python -m streamlit run x.py --server.port=8501": 8501,
		"python x.py --port 8501":                         8501,
		"python x.py -port=8501":                          8501,
		"python /v/gunicorn --bind 0.0.0.0:8501 a:b":      8501,
		"python /v/gunicorn -b [::]:8501 a:b":             8501,
		"python /v/gunicorn -b0.0.0.0:8501 a:b":           8501,
		"python /v/gunicorn -b unix:/run/x.sock a:b":      0,
		"python /v/gunicorn -p 8501 a:b":                  0,
		"python /v/flask run -p 8501":                     8501,
		"postgres -D /data -p 5433":                       5433,
		"python -m http.server 8000":                      8000,
		"php -S 0.0.0.0:8000":                             8000,
		"java -Dserver.port=8080 -jar x.jar":              8080,
		"java -jar x.jar --server.port=8080":              8080,
		"redis-server 127.0.0.1:6379":                     6379,
		"prometheus --web.listen-address=:9090":           9090,
		"x --port 70000":                                  0,
		"x --port abc":                                    0,
		"x --metrics-port 9 --port 80":                    80,
		"mkdir -p 8080":                                   0,
		"gunicorn: master [a:b]":                          0,
		"x --port":                                        0,
		"nc -l 80":                                        0,
	} {
		if got := writtenPort(strings.Fields(command)); got != want {
			t.Errorf("%s: port %d, want %d", command, got, want)
		}
		if got := writtenPort([]string{command}); got != want {
			t.Errorf("%s (one text): port %d, want %d", command, got, want)
		}
	}
}

// Whatever a command line holds, it gets the same name every time, and a short one.
func TestProgramNameIsStable(t *testing.T) {
	words := rapid.SampledFrom([]string{
		"python3", "node", "java", "ruby", "php", "perl", "bash", "-m", "-c", "-u", "--", "-", "", "run", "app.py", "x.py",
		"/a/b/main.py", "gunicorn", "streamlit", "celery", "-A", "proj", "worker", "flask", "--app", "npm", "npx", "-jar",
		"x-1.2.jar", "@f", "node_modules/", "/usr/lib/node_modules/", "coverage", "debugpy", "=", "-=", "--port=1", "[", "]", "(", ")",
	})
	rapid.Check(t, func(t *rapid.T) {
		args := rapid.SliceOf(words).Draw(t, "args")
		before := slices.Clone(args)
		first, second := programName(args), programName(args)
		if first != second {
			t.Fatalf("%q is called %q and then %q", args, first, second)
		}
		if !slices.Equal(args, before) {
			t.Fatalf("the arguments were changed from %q to %q", before, args)
		}
	})
}

func FuzzProgramOf(f *testing.F) {
	for _, seed := range []string{
		"python\x00-um\x00pkg", "node\x00--\x00x.js", "java\x00-m\x00a/b", "gunicorn: master [a]", "gunicorn: ][", "[celeryd: )(",
		"node\x00node_modules/.bin/", "python\x00-m\x00coverage\x00run", "bun\x00run", "deno\x00run", "R\x00--file=", "php\x00-S", "x\x00--port",
		"dotnet\x00exec", "ruby\x00-S", "puma [x]", "python\x00-W", "\x00", "python\x00/", "python\x00-m\x00debugpy\x00--listen",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		args := strings.Split(line, "\x00")
		if name := programName(args); name != programName(args) {
			t.Errorf("%q has two names", args)
		}
		writtenPort(args)
	})
}
