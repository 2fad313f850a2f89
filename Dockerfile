# The server in a container: docker build --tag jobgraph . ; how to run it is in docs/run.md.
# Another Python or a digest: --build-arg PYTHON=python:3.11.14-slim-trixie@sha256:...
ARG PYTHON=python:3.11.14-slim-trixie

FROM ${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements.lock ./
# The versions of the lock file without its hashes: pip takes a file of hashes only for all that it installs, which the
# wheel built below cannot be part of.
RUN grep -E '^[A-Za-z0-9]' requirements.lock | sed -E 's/ *\\$//' > versions.txt \
    && python -m venv /opt/jobgraph \
    && python -m pip install --constraint versions.txt hatchling
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
COPY ontology ./ontology
COPY shapes ./shapes
COPY data ./data
RUN python -m hatchling build --target wheel --directory dist \
    && /opt/jobgraph/bin/pip install --constraint versions.txt dist/jobgraph-*.whl \
    && /opt/jobgraph/bin/pip uninstall --yes pip setuptools

FROM ${PYTHON} AS server
LABEL org.opencontainers.image.title="jobgraph" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 jobgraph \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin jobgraph \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data /data/tenants
COPY --from=build /opt/jobgraph /opt/jobgraph
ENV PATH=/opt/jobgraph/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    JOBGRAPH_HOME=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 7878
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7878/ready', timeout=4)"]
ENTRYPOINT ["jobgraph"]
CMD ["serve", "--host", "0.0.0.0", "--port", "7878"]
