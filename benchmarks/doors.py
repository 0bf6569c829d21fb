"""The front doors that are measured: how each is configured and started."""

import shutil
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.environments import Environment
from benchmarks.places import BUILD, DRIVERS

KEY = "sk-bench-0123456789"
NO_NGINX = "nginx is not installed (Debian and Ubuntu: apt install nginx; macOS: brew install nginx)"
PACED = "d20000"
"""The upstream's pace in the paced and dense tests: one event every 20 ms."""


@dataclass(frozen=True)
class Start:
    """How a door is started."""

    command: list[str]
    variables: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Door:
    """A front door.

    `start` takes the port to listen on, the upstream's port, a folder for its files and
    the environments. `tests` leaves out what the door cannot bear; `rate` is the
    requests a second of the latency test, `many` the requests of the memory test,
    `connections` and `streams` how much is asked at a time, `patience` how many times
    as long each test takes, for doors that answer too little in the usual time.
    """

    name: str
    start: Callable[[int, int, Path, Mapping[str, Environment]], Start] | None
    environment: str | None = None
    model: str = "mock"
    has_key: bool = True
    wait: float = 60.0
    without: Mapping[str, str] = field(default_factory=dict[str, str])
    rate: int = 50
    many: int = 20_000
    connections: int = 64
    streams: int = 32
    patience: float = 1.0

    @property
    def paced_model(self) -> str:
        """The model whose stream comes event by event."""
        return f"{self.model}-{PACED}"

    def problem(self, environments: Mapping[str, Environment]) -> str | None:
        """Say why the door cannot be measured here, or None."""
        if self.environment is not None:
            return environments[self.environment].problem
        return NO_NGINX if self.name == "nginx" and _nginx_program() is None else None


def _interlingua_config(folder: Path, port: int, upstream: int) -> Path:
    """Auth on, every clock at its default; `translated/…` names go through the neutral language and back."""
    path = folder / f"interlingua-{port}.toml"
    path.write_text(
        textwrap.dedent(f"""\
        [server]
        port = {port}
        api_keys = ["{KEY}"]

        [client]
        trust_env = false

        [providers.mock]
        base_url = "http://127.0.0.1:{upstream}/v1"
        api_key = "{KEY}"

        [models]
        translated = {{ model = "mock/mock", temperature = 0.5 }}
        translated-{PACED} = {{ model = "mock/mock-{PACED}", temperature = 0.5 }}
        """)
    )
    return path


def _interlingua(
    environment: str, *, log_level: str = "warning"
) -> Callable[[int, int, Path, Mapping[str, Environment]], Start]:
    def start(port: int, upstream: int, folder: Path, environments: Mapping[str, Environment]) -> Start:
        config = _interlingua_config(folder, port, upstream)
        program = environments[environment].program("interlingua")
        return Start([program, "serve", "--config", str(config), "--port", str(port), "--log-level", log_level])

    return start


def _uvicorn(port: int, upstream: int, folder: Path, environments: Mapping[str, Environment]) -> Start:
    config = _interlingua_config(folder, port, upstream)
    options = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    program = environments["servers"].program("uvicorn")
    where = ["--app-dir", str(DRIVERS), "--host", "127.0.0.1", "--port", str(port)]
    return Start([program, "application:application", *where, *options], {"BENCH_CONFIG": str(config)})


def _granian(port: int, upstream: int, folder: Path, environments: Mapping[str, Environment]) -> Start:
    config = _interlingua_config(folder, port, upstream)
    options = ["--interface", "asgi", "--loop", "uvloop", "--workers", "1", "--no-ws", "--log-level", "warning"]
    program = environments["servers"].program("granian")
    where = ["--working-dir", str(DRIVERS), "--host", "127.0.0.1", "--port", str(port)]
    return Start([program, *where, *options, "application:application"], {"BENCH_CONFIG": str(config)})


def _nginx_program() -> str | None:
    return shutil.which("nginx", path="/usr/local/sbin:/usr/sbin:/opt/homebrew/bin") or shutil.which("nginx")


def _nginx(port: int, upstream: int, folder: Path, environments: Mapping[str, Environment]) -> Start:
    del environments
    home = folder / f"nginx-{port}"
    home.mkdir(exist_ok=True)
    config = home / "nginx.conf"
    places = "".join(
        f"    {name}_temp_path {home / name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config.write_text(
        textwrap.dedent(f"""\
        daemon off;
        worker_processes 1;
        pid {home / "pid"};
        error_log stderr error;
        events {{ worker_connections 4096; }}
        http {{
            access_log off;
            keepalive_requests 100000000;
        """)
        + places
        + textwrap.dedent(f"""\
            upstream mock {{
                server 127.0.0.1:{upstream};
                keepalive 512;
                keepalive_requests 100000000;
            }}
            server {{
                listen 127.0.0.1:{port};
                location / {{
                    proxy_pass http://mock;
                    proxy_http_version 1.1;
                    proxy_set_header Connection "";
                    proxy_buffering off;
                }}
            }}
        }}
        """)
    )
    program = _nginx_program()
    if program is None:
        raise FileNotFoundError(NO_NGINX)
    return Start([program, "-e", "stderr", "-p", str(home), "-c", str(config)])


def _litellm(port: int, upstream: int, folder: Path, environments: Mapping[str, Environment]) -> Start:
    config = folder / f"litellm-{port}.yaml"
    models = "".join(
        f"""\
  - model_name: {model}
    litellm_params:
      model: openai/{model}
      api_base: http://127.0.0.1:{upstream}/v1
      api_key: {KEY}
"""
        for model in ("mock", f"mock-{PACED}")
    )
    config.write_text(f"model_list:\n{models}general_settings:\n  master_key: {KEY}\n")
    variables = {
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_LOG": "ERROR",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_TELEMETRY": "False",
        "PATH": f"{environments['litellm-proxy'].folder / 'bin'}:/usr/local/bin:/usr/bin:/bin",
    }
    program = environments["litellm-proxy"].program("litellm")
    where = ["--host", "127.0.0.1", "--port", str(port), "--num_workers", "1", "--telemetry", "False"]
    return Start([program, "--config", str(config), *where], variables)


_SATURATED = "cannot: 12,800 events a second are many times what one core bears"

DOORS = (
    Door("direct", None, has_key=False),
    Door("nginx", _nginx, has_key=False),
    Door("interlingua", _interlingua("interlingua-speed"), "interlingua-speed", model="mock/mock"),
    Door("interlingua, translating", _interlingua("interlingua-speed"), "interlingua-speed", model="translated"),
    Door(
        "interlingua, a log line a request",
        _interlingua("interlingua-speed", log_level="info"),
        "interlingua-speed",
        model="mock/mock",
    ),
    Door("interlingua, plain asyncio", _interlingua("interlingua"), "interlingua", model="mock/mock"),
    Door("interlingua on uvicorn", _uvicorn, "servers", model="mock/mock"),
    Door("interlingua on granian", _granian, "servers", model="mock/mock"),
    Door(
        "litellm proxy",
        _litellm,
        "litellm-proxy",
        wait=180.0,
        without={"dense": _SATURATED},
        rate=10,
        many=1_000,
        connections=16,
        streams=4,
        patience=3.0,
    ),
)

WORK = BUILD / "doors"
"""Where doors have their configuration files and logs."""
