"""Pieces of Exim configuration: what every private instance needs, and a plain relay."""
import re


def main_options(exim):
    """Options of the main section that keep an instance private, quick and quiet.

    First those that make it private, then those without which Exim's defaults bend a test.
    """
    return {
        "primary_hostname": exim.hostname,
        "spool_directory": exim.spool,
        "log_file_path": exim.logs + "/%slog",
        "pid_file_path": exim.directory + "/exim.pid",
        "tls_certificate": exim.certificate,
        "tls_privatekey": exim.key,
        "tls_advertise_hosts": "*",
        "local_interfaces": "<; " + " ; ".join(exim.addresses),
        "daemon_smtp_ports": " : ".join(str(p) for p in exim.ports),
        "tls_on_connect_ports": "465",
        "keep_environment": "",
        "add_environment": "<; " + " ; ".join(
            f"{k}={v.replace(';', ';;')}" for k, v in exim.environment.items()),
        "log_selector": "+all -arguments",
        "timezone": "UTC",
        "host_lookup": "",
        "rfc1413_query_timeout": "0s",
        "dns_dnssec_ok": "0",
        "smtp_accept_max": "200",
        "smtp_accept_max_per_connection": "0",
        "smtp_accept_queue_per_connection": "0",
        "smtp_accept_max_nonmail": "100000",
        "smtp_connect_backlog": "200",
        "check_spool_space": "0",
        "check_spool_inodes": "0",
    }


def complete(exim, text, options):
    """The whole configuration: our main options, except where text or options say otherwise."""
    main = re.split(r"(?m)^\s*begin\s", text, maxsplit=1)[0]
    taken = set(re.findall(r"(?m)^\s*(?:hide\s+)?(?:no_|not_)?([a-z0-9_]+)\s*(?==|$)", main))
    chosen = {k: v for k, v in main_options(exim).items() if k not in taken} | options
    lines = [f"{name} = {value}\n" for name, value in chosen.items() if value is not None]
    return "".join(lines) + text


def relay(main="acl_smtp_rcpt = accept\n", acl="", routers="", smarthost="127.0.0.2:2525",
          options="", transports="", authenticators=""):
    """A relay that hands everything to one smarthost; the arguments go into their sections.

    main replaces "everybody may relay"; routers stand before the smarthost's; options are
    added to its smtp transport. Retries come when the test asks (exim.flush()).
    """
    host, _, port = smarthost.rpartition(":")
    host = host.strip("[]").replace(":", "::")
    return f"""{main}
begin acl
{acl}
begin routers
{routers}
smarthost:
  driver = manualroute
  transport = smarthost
  route_list = * {host}::{port} byname
  self = send
begin transports
smarthost:
  driver = smtp
  allow_localhost
  hosts_avoid_tls = *
  hosts_try_fastopen =
  connect_timeout = 5s
  {options}
{transports}
begin retry
* * F,2d,1h
begin authenticators
{authenticators}
"""


def plain_login(users):
    """AUTH PLAIN and LOGIN over TLS for {login: password}, without Outgate."""
    table = " ".join(f'{user}="{password}"' for user, password in users.items())
    check = "${if eq{%s}{${extract{%s}{" + table + "}{$value}fail}}}"
    common = "  server_set_id = %s\n  server_advertise_condition = ${if def:tls_in_cipher}\n"
    return ("plain:\n  driver = plaintext\n  public_name = PLAIN\n  server_prompts = :\n"
            "  server_condition = " + check % ("$auth3", "$auth2") + "\n" + common % "$auth2"
            + "login:\n  driver = plaintext\n  public_name = LOGIN\n"
            "  server_prompts = Username:: : Password::\n"
            "  server_condition = " + check % ("$auth2", "$auth1") + "\n" + common % "$auth1")
