# The service and the nightly run in one image: what serving needs, nothing of training. Not built where it was written.
FROM python:3.13-slim AS built
RUN pip install --no-cache-dir "uv>=0.9"
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
WORKDIR /src
COPY pyproject.toml README.md LICENSE requirements.lock ./
COPY locks locks
RUN uv venv /app/loanwatch \
    && uv pip install --python /app/loanwatch --require-hashes -r locks/serve.lock \
    && uv pip install --python /app/loanwatch --constraint requirements.lock "psycopg[binary]"
COPY . .
RUN uv pip install --python /app/loanwatch --no-deps .

FROM built AS tracking
RUN uv venv /app/mlflow && uv pip install --python /app/mlflow --constraint requirements.lock mlflow \
    && useradd --uid 10001 mlflow && mkdir /mlflow && chown mlflow /mlflow
USER mlflow
VOLUME /mlflow
EXPOSE 5000
ENTRYPOINT ["/app/mlflow/bin/mlflow", "server", "--host", "0.0.0.0", \
    "--backend-store-uri", "sqlite:////mlflow/mlflow.db", "--artifacts-destination", "/mlflow/artifacts"]

FROM python:3.13-slim AS service
RUN apt-get update && apt-get install --yes --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 loanwatch && mkdir /data && chown loanwatch /data
COPY --from=built /app/loanwatch /app/loanwatch
ENV PATH=/app/loanwatch/bin:$PATH PYTHONUNBUFFERED=1 NUMBA_CACHE_DIR=/tmp/numba LOANWATCH_LOGS=json
USER loanwatch
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["python", "-c", \
    "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["loanwatch"]
CMD ["serve", "--host", "0.0.0.0", "--workers", "2", "--models", "/data/models", "--store", "/data/store", "--segments", "/data/segments"]
