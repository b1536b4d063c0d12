# Stands in for the official PostgreSQL image where no image can be pulled: Debian's packages behind the same settings, as far
# as compose.yaml uses them. For ops/test-compose only.
ARG DEBIAN_IMAGE
FROM ${DEBIAN_IMAGE}
RUN apt-get update \
    && mkdir -p /etc/postgresql-common \
    && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf \
    && apt-get install -y --no-install-recommends postgresql \
    && ln -s /usr/lib/postgresql/*/bin/* /usr/local/bin/ \
    && rm -rf /var/lib/apt/lists/*
# A tmpfs takes its mode, not its owner, from the folder below it.
RUN install -d -o postgres -g postgres -m 700 /var/lib/postgresql/data \
    && install -d -o postgres -g postgres -m 3777 /run/postgresql
COPY ops/container/stand-in/postgres-entrypoint /usr/local/sbin/
ENV PGDATA=/var/lib/postgresql/data
STOPSIGNAL SIGINT
ENTRYPOINT ["/usr/local/sbin/postgres-entrypoint"]
CMD ["postgres"]
