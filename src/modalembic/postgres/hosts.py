"""The servers that a URL names: one, several, addresses of either kind, Unix sockets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from modalembic.errors import DatabaseURLError
from modalembic.postgres.parameters import Query


@dataclass(frozen=True)
class Host:
    """One server: a name, an address or the directory of a Unix socket (""; libpq's default)."""

    name: str
    port: str | None = None

    @property
    def is_socket(self) -> bool:
        """A directory ("@name": abstract), or libpq's default, which is one as a rule."""
        return self.name.startswith(("/", "@")) or not self.name


def parse_hosts(authority: str) -> tuple[Host, ...]:
    return tuple(_host(part) for part in authority.split(",")) if authority else ()


def _host(text: str) -> Host:
    if text.startswith("["):
        name, _, port = text[1:].partition("]")
        port = port.removeprefix(":")
    else:
        name, _, port = text.rpartition(":") if ":" in text else (text, "", "")
    if port and not port.isdigit():
        raise DatabaseURLError(
            "the port in the database URL is not a number",
            hint='write "@", ":" and "/" in a user name or password as %40, %3A and %2F',
        )
    return Host(unquote(name), port or None)


def hosts_from_query(
    hosts: tuple[Host, ...], query: list[tuple[str, str]]
) -> tuple[tuple[Host, ...], Query]:
    """`?host=` and `&port=` in SQLAlchemy's and libpq's spellings win over the authority."""
    given = [part for key, value in query if key == "host" for part in value.split(",")]
    ports = [part for key, value in query if key == "port" for part in value.split(",")]
    rest = tuple((key, value) for key, value in query if key not in ("host", "port"))
    if given:
        hosts = tuple(_query_host(part) for part in given)
    if ports:
        hosts = hosts or (Host(""),)
        spread = ports * len(hosts) if len(ports) == 1 else ports
        hosts = tuple(replace(host, port=port) for host, port in zip(hosts, spread, strict=False))
    return hosts, rest


def _query_host(text: str) -> Host:
    # "h:5432" is SQLAlchemy's spelling; two colons and more are an IPv6 address without brackets.
    if text.startswith(("/", "@")) or (text.count(":") > 1 and not text.startswith("[")):
        return Host(text)
    return _host(quote(text, safe="[]:"))


def authority_of(host: Host) -> str:
    name = f"[{host.name}]" if ":" in host.name else quote(host.name, safe="")
    return f"{name}:{host.port}" if host.port else name


def host_parameters(hosts: tuple[Host, ...]) -> Query:
    names = ",".join(host.name for host in hosts)
    ports = ",".join(host.port or "" for host in hosts) if any(h.port for h in hosts) else ""
    return tuple((key, value) for key, value in (("host", names), ("port", ports)) if value)
