# SPDX-License-Identifier: Apache-2.0
"""The two kinds of relay, as an operator would run them: relayd, and nginx with the configuration of deploy/relay."""

import pathlib
import re
import subprocess

from processes import Role
from scenario import need, until
from wire import can_connect, free_port


def make_certificate(folder):
    """A certificate for loopback that is its own root: (certificate, key)."""
    certificate, key = folder / "relay.pem", folder / "relay.key"
    if not certificate.exists():
        subprocess.run([need("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=relay", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


def start_relayd(stage, gateway_port, tls=False, options="", name="relay"):
    listen, keys = "http://127.0.0.1:0", ""
    if tls:
        certificate, key = make_certificate(stage.folder)
        listen, keys = "https://127.0.0.1:0", f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n'
    return stage.start_role(name, "relayd", f"""listen = "{listen}"
metrics = "unix:{stage.folder}/{name}.metrics"
gateway = "http://127.0.0.1:{gateway_port}"
{keys}{options}
""")


def nginx_config(template, values):
    """What `envsubst` with these names makes of the template."""
    text = template.read_text()
    return re.sub(r"\$\{(RELAY_[A-Z_]+)\}", lambda found: str(values[found[1]]), text)


def start_nginx(stage, gateway_port, source, name="nginx"):
    program = need("nginx")
    certificate, key = make_certificate(stage.folder)
    folder = stage.path(name)
    folder.mkdir(exist_ok=True)
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(nginx_config(source / "deploy/relay/nginx.conf.template", {
        "RELAY_LISTEN": f"127.0.0.1:{port}", "RELAY_CERTIFICATE": certificate, "RELAY_KEY": key,
        "RELAY_GATEWAY": f"http://127.0.0.1:{gateway_port}", "RELAY_GATEWAY_NAME": "gateway", "RELAY_ROOTS": certificate,
        "RELAY_USER": pathlib.Path(folder).owner(), "RELAY_FOLDER": folder}))
    role = Role(name, [program, "-p", folder, "-e", "stderr", "-c", config, "-g", "daemon off;"],
                stage.path(name + ".log"), says_endpoint=False, port=port, tls=True)
    until(lambda: can_connect(role.address) or not role.runs(), 10, "nginx listens")
    if not role.runs():
        raise AssertionError(f"nginx did not start: {role.log_text()}")
    return role
