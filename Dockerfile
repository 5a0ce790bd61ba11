# A desk in a container, not as root, its secrets and its state outside.
#
#     docker build --tag hedgerow .
#     docker run --init --read-only --cap-drop ALL --security-opt no-new-privileges \
#         --tmpfs /tmp --volume hedgerow:/var/lib/hedgerow --volume hedgerow-cache:/var/cache/hedgerow \
#         --volume "$PWD/treasury.toml:/etc/hedgerow/desk.toml:ro" --env-file secrets.env hedgerow
#
# It runs in paper unless the command says --live; see docs/how-to/run-unattended.md.

FROM python:3.12-slim AS build
RUN pip install --no-cache-dir uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY src src
# Versions are the pins of pyproject.toml.
RUN uv venv /srv/hedgerow \
    && UV_PROJECT_ENVIRONMENT=/srv/hedgerow uv sync --no-dev --no-editable --extra desk --extra postgres

FROM python:3.12-slim
RUN useradd --system --uid 10001 --create-home hedgerow \
    && install -d -m 700 -o hedgerow -g hedgerow /var/lib/hedgerow /var/cache/hedgerow \
    && install -d /etc/hedgerow
COPY --from=build /srv/hedgerow /srv/hedgerow
COPY deploy/healthcheck.py /srv/hedgerow/healthcheck.py
ENV PATH=/srv/hedgerow/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    XDG_STATE_HOME=/var/lib \
    XDG_CACHE_HOME=/var/cache \
    XDG_CONFIG_HOME=/etc
USER hedgerow
VOLUME ["/var/lib/hedgerow"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s --retries=4 \
    CMD ["python", "/srv/hedgerow/healthcheck.py"]
ENTRYPOINT ["hedgerow"]
CMD ["run", "/etc/hedgerow/desk.toml"]
