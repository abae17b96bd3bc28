"""The doctor on mails: would one leave now, by the sender's own way; none is sent."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from dashboard import mail
from dashboard.commands.findings import Finding, hint, ok, trouble

REMEDIES = {
    "unreachable": "can't be reached, or hangs up; does it run, and are host and port of SMTP_URL right?",
    "timeout": "does not answer in time; is a firewall between, or does its port want smtps://?",
    "no_tls": "offers no STARTTLS; take its port for that, mostly 587, or smtps:// with its port for TLS, mostly 465.",
    "tls_failed": "has no certificate that is trusted here, or speaks no TLS at this port; "
    "SSL_CERT_FILE names other authorities.",
    "login_refused": "refuses the login; check name and password in SMTP_URL, percent-encoded where URLs need it.",
    "server_refused": "does not want to talk; ask its operator.",
}
"""What to do, by the sender's codes."""
MET = REMEDIES | {
    "folder_unwritable": "could not be written to by the process that sends; set MAIL_FOLDER to a folder that its unit "
    "lets it write, such as one in its StateDirectory.",
    "sender_refused": "refused the sender; check MAIL_FROM.",
}
"""The same, of what the sender met."""


def mails(config: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether the mail server takes us, or the folder can be written to."""
    where = _where(config)
    try:
        mail.office.check()
    except mail.Undelivered as failure:
        yield trouble("mail", f"{where} {_remedy(failure)}")
        return
    if config["SMTP_URL"]:
        yield ok("mail", f"{where} answers{' and takes the login' if urlsplit(config['SMTP_URL']).username else ''}")
    elif config["DEMO"]:
        yield ok("mail", f"each becomes a file in {where}")
    else:
        yield hint("mail", f"each becomes a file in {where}, so nobody gets one; set SMTP_URL.")


def failing(config: Mapping[str, Any]) -> Iterator[Finding]:
    """What the sender met, where it is not this process and may see another machine, or less of this one."""
    where = _where(config)
    for code, count in sorted(mail.failing().items()):
        met_in_folder = code == "folder_unwritable"
        if code not in MET or met_in_folder == bool(config["SMTP_URL"]):  # of the way that mails went before
            continue
        many = "1 mail waits: at its" if count == 1 else f"{count:,} mails wait: at their"
        yield trouble("mail", f"{many} last try, {where} {MET[code]} The next try is within nine hours of that.")


def _where(config: Mapping[str, Any]) -> str:
    return _server(config["SMTP_URL"]) if config["SMTP_URL"] else str(config["MAIL_FOLDER"])


def _server(url: str) -> str:
    """The server of an SMTP_URL, without name and password."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _remedy(failure: mail.Undelivered) -> str:
    if failure.code == "folder_unwritable":
        return "can't be written to; give it to the user that runs the app, or change MAIL_FOLDER."
    said = f" It said: {failure.said}" if failure.said else ""
    return REMEDIES[failure.code] + said
