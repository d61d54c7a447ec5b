# syntax=docker/dockerfile:1
# Everything is installed and byte-compiled in the first stage; the second holds the result and no tools.
FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/usher && /opt/usher/bin/python -m pip install --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE config.example.toml ./
COPY core core
COPY bots bots
COPY admin_cli admin_cli
RUN /opt/usher/bin/python -m pip install --no-deps --no-build-isolation . && \
    /opt/usher/bin/python -m pip uninstall -q -y setuptools pip && \
    /opt/usher/bin/python -m compileall -q -j 0 /opt/usher/lib

FROM python:3.12-slim-bookworm
# An init that reaps children and hands SIGTERM on.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/* && \
    useradd --uid 10001 --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin usher && \
    install -d -o usher -g usher -m 0700 /data
COPY --from=build /opt/usher /opt/usher
ENV PATH=/opt/usher/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MPLCONFIGDIR=/tmp/matplotlib \
    USHER_DATABASE__URL=sqlite+aiosqlite:////data/usher.db \
    USHER_WEB__ENABLED=true
USER 10001
WORKDIR /data
VOLUME /data
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health/ready', timeout=4)"]
ENTRYPOINT ["tini", "--", "usher"]
CMD ["run"]
