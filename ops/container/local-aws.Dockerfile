# The local AWS as a container: for development and tests only, it is not AWS.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
FROM ${PYTHON_IMAGE}
WORKDIR /opt/local-aws
COPY ops/local-aws/requirements.txt .
RUN python3 -m venv venv && venv/bin/pip install --no-cache-dir --disable-pip-version-check --requirement requirements.txt
COPY ops/local-aws/local_aws local_aws
# Where --state keeps what is there; a volume takes its owner from this folder.
RUN mkdir /state && chown 10001:10001 /state
USER 10001:10001
ENV PYTHONPATH=/opt/local-aws PYTHONDONTWRITEBYTECODE=1
EXPOSE 4566
# The emulator writes beside itself; the root file system may be read-only.
WORKDIR /tmp
ENTRYPOINT ["/opt/local-aws/venv/bin/python", "-m", "local_aws"]
CMD ["--port", "4566", "--host", "0.0.0.0", "--name", "local-aws", "--state", "/state"]
