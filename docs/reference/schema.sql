-- The tables of the embedded database, after all migrations. Made by `npm run docs`.

create table "api_key" (
  "id" text not null primary key,
  "tenant" text not null references "tenant" ("id"),
  "name" text not null,
  "kind" text not null,
  "sha256" text not null unique,
  "scopes" text not null,
  "endpoints" text,
  "tools" text,
  "expires_at_ms" bigint,
  "created_at_ms" bigint not null,
  "created_by" text not null,
  "revoked_at_ms" bigint,
  "last_used_at_ms" bigint
);

create index "api_key_by_tenant" on "api_key" ("tenant", "id");

create table "audit_block" (
  "tenant" text not null,
  "first_seq" bigint not null,
  "last_seq" bigint not null,
  "from_ms" bigint not null,
  "to_ms" bigint not null,
  "hash" text not null,
  "summary" text not null,
  "body" text not null,
  constraint "audit_block_pk" primary key ("tenant", "first_seq")
);

create index "audit_block_by_time" on "audit_block" ("tenant", "to_ms", "first_seq");

create table "audit_head" (
  "tenant" text not null primary key,
  "seq" bigint not null,
  "hash" text not null
);

create table "call_body" (
  "tenant" text not null,
  "id" text not null,
  "at_ms" bigint not null,
  "sealed" text not null,
  constraint "call_body_pk" primary key ("tenant", "id")
);

create index "call_body_by_time" on "call_body" ("at_ms");

create table "call_minute" (
  "tenant" text not null,
  "minute_ms" bigint not null,
  "endpoint" text not null,
  "deployment" text not null,
  "tool" text not null,
  "method" text not null,
  "calls" bigint default 0 not null,
  "errors" bigint default 0 not null,
  "denied" bigint default 0 not null,
  "us_sum" bigint default 0 not null,
  "us_max" bigint default 0 not null,
  "h0" bigint default 0 not null,
  "h1" bigint default 0 not null,
  "h2" bigint default 0 not null,
  "h3" bigint default 0 not null,
  "h4" bigint default 0 not null,
  "h5" bigint default 0 not null,
  "h6" bigint default 0 not null,
  "h7" bigint default 0 not null,
  "h8" bigint default 0 not null,
  "h9" bigint default 0 not null,
  "h10" bigint default 0 not null,
  "h11" bigint default 0 not null,
  "h12" bigint default 0 not null,
  "h13" bigint default 0 not null,
  "h14" bigint default 0 not null,
  "h15" bigint default 0 not null,
  "h16" bigint default 0 not null,
  "h17" bigint default 0 not null,
  "h18" bigint default 0 not null,
  "h19" bigint default 0 not null,
  "h20" bigint default 0 not null,
  "h21" bigint default 0 not null,
  "h22" bigint default 0 not null,
  "h23" bigint default 0 not null,
  "h24" bigint default 0 not null,
  constraint "call_minute_pk" primary key ("tenant", "minute_ms", "endpoint", "deployment", "tool", "method")
);

create table "console_session" (
  "id" text not null primary key,
  "tenant" text not null references "tenant" ("id"),
  "sha256" text not null unique,
  "key_id" text not null,
  "key_sha256" text not null,
  "created_at_ms" bigint not null,
  "expires_at_ms" bigint not null
);

create index "console_session_by_key" on "console_session" ("tenant", "key_sha256", "id");

create table "deployment" (
  "id" text not null primary key,
  "tenant" text not null,
  "name" text not null,
  "title" text not null,
  "description" text not null,
  "access" text not null,
  "origin" text not null,
  "created_at_ms" bigint not null,
  "updated_at_ms" bigint not null,
  "deadline_ms" bigint not null,
  "start_deadline_ms" bigint not null,
  "headers_mode" text not null,
  "spec" text not null,
  "digest" text not null,
  "approved_digest" text,
  constraint "deployment_by_name" unique ("tenant", "name"),
  constraint "deployment_owns_name" foreign key ("tenant", "name") references "endpoint_name" ("tenant", "name")
);

create table "endpoint_name" (
  "tenant" text not null references "tenant" ("id"),
  "name" text not null,
  "kind" text not null,
  constraint "endpoint_name_pk" primary key ("tenant", "name")
);

create table "install" (
  "id" text not null primary key,
  "tenant" text not null references "tenant" ("id"),
  "package" text not null,
  "version" text not null,
  "integrity" text not null,
  "folder" text not null,
  "installed_at_ms" bigint not null,
  constraint "install_by_version" unique ("tenant", "package", "version")
);

create table "meta" (
  "id" integer primary key check (id = 1),
  "revision" bigint not null
);

create table "migration" (
  "name" text not null primary key,
  "applied_at_ms" bigint not null
);

create table "node" (
  "id" text not null primary key,
  "seen_at_ms" bigint not null
);

create table "owner_link" (
  "sha256" text not null primary key,
  "tenant" text not null references "tenant" ("id"),
  "created_at_ms" bigint not null,
  "expires_at_ms" bigint not null,
  "redeemed_at_ms" bigint
);

create table "profile" (
  "id" text not null primary key,
  "tenant" text not null,
  "name" text not null,
  "title" text not null,
  "description" text not null,
  "access" text not null,
  "origin" text not null,
  "created_at_ms" bigint not null,
  "updated_at_ms" bigint not null,
  "servers" text not null,
  "tools" text not null,
  constraint "profile_by_name" unique ("tenant", "name"),
  constraint "profile_owns_name" foreign key ("tenant", "name") references "endpoint_name" ("tenant", "name")
);

create table "secret" (
  "tenant" text not null references "tenant" ("id"),
  "name" text not null,
  "version" bigint not null,
  "kid" text not null,
  "wrapped_key" text not null,
  "sealed" text not null,
  "created_at_ms" bigint not null,
  "updated_at_ms" bigint not null,
  constraint "secret_pk" primary key ("tenant", "name")
);

create table "spool_offset" (
  "file" text not null primary key,
  "offset" bigint not null
);

create table "tenant" (
  "id" text not null primary key,
  "title" text not null,
  "created_at_ms" bigint not null
);
