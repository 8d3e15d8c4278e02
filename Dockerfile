# One image: the wheel with the web app inside, and what backups need. Nothing in it knows a password.
FROM node:22-trixie-slim AS web
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci
COPY frontend/ ./
RUN npm run build

FROM python:3.12-slim-trixie AS wheel
WORKDIR /src
COPY backend/requirements.lock backend/requirements-build.lock backend/
RUN python -m venv /opt/crm-boost \
    && /opt/crm-boost/bin/pip install --no-cache-dir --require-hashes -r backend/requirements.lock \
    && python -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --require-hashes -r backend/requirements-build.lock
COPY README.md LICENSE ./
COPY backend/ backend/
COPY --from=web /src/frontend/dist frontend/dist
RUN cd backend && /opt/build/bin/python -m hatchling build -t wheel -d /src/dist \
    && /opt/crm-boost/bin/pip install --no-cache-dir --no-deps /src/dist/*.whl

FROM python:3.12-slim-trixie
# pg_dump and pg_restore, of the same version as the database in compose.yaml.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data crm \
    && install --directory --owner crm --group crm --mode 0700 /data
COPY --from=wheel /opt/crm-boost /opt/crm-boost
ENV PATH=/opt/crm-boost/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    CRM_HOST=0.0.0.0 \
    CRM_PORT=8000 \
    CRM_DATA_DIR=/data \
    CRM_STOP_DELAY_SECONDS=5
USER crm
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/api/ready', timeout=5)"]
ENTRYPOINT ["crm-boost"]
CMD ["serve"]
