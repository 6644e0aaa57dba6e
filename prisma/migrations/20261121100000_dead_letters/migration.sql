-- Dead letters: what died, how it died each time, what operators did about it, and who did it.

CREATE TABLE "dead_letter_groups" (
    "id" UUID NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "consumer" TEXT NOT NULL,
    "message_type" TEXT NOT NULL,
    "error_class" TEXT NOT NULL,
    "error_shape" TEXT NOT NULL,
    "frame" TEXT,
    "status" TEXT NOT NULL DEFAULT 'open',
    "note" TEXT,
    "owner" TEXT,
    "deaths" BIGINT NOT NULL DEFAULT 0,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "first_seen_version" TEXT,
    "status_changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "dead_letter_groups_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "dead_letter_groups_fingerprint_key" ON "dead_letter_groups"("fingerprint");

CREATE TABLE "dead_letters" (
    "id" UUID NOT NULL,
    "identity" TEXT NOT NULL,
    "group_id" UUID NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'dead',
    "version" INTEGER NOT NULL DEFAULT 1,
    "broker" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "consumer" TEXT,
    "message_id" UUID,
    "message_type" TEXT,
    "message_version" INTEGER,
    "order_id" UUID,
    "seq" INTEGER,
    "endpoint_id" UUID,
    "error_class" TEXT NOT NULL,
    "error_message" TEXT NOT NULL,
    "header_text" TEXT NOT NULL,
    "bytes" INTEGER NOT NULL,
    "attempts" INTEGER NOT NULL,
    "deaths" INTEGER NOT NULL DEFAULT 1,
    "replays" INTEGER NOT NULL DEFAULT 0,
    "worker_version" TEXT,
    "first_died_at" TIMESTAMPTZ(3) NOT NULL,
    "died_at" TIMESTAMPTZ(3) NOT NULL,
    "archived_at" TIMESTAMPTZ(3),
    "settled_at" TIMESTAMPTZ(3),
    CONSTRAINT "dead_letters_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "dead_letters_identity_key" ON "dead_letters"("identity");
CREATE INDEX "dead_letters_died_at_id_idx" ON "dead_letters"("died_at" DESC, "id" DESC);
CREATE INDEX "dead_letters_status_died_at_id_idx" ON "dead_letters"("status", "died_at" DESC, "id" DESC);
CREATE INDEX "dead_letters_group_id_status_died_at_id_idx" ON "dead_letters"("group_id", "status", "died_at" DESC, "id" DESC);
CREATE INDEX "dead_letters_order_id_idx" ON "dead_letters"("order_id");
CREATE INDEX "dead_letters_message_id_idx" ON "dead_letters"("message_id");
CREATE INDEX "dead_letters_endpoint_id_status_idx" ON "dead_letters"("endpoint_id", "status");

CREATE TABLE "dead_letter_deaths" (
    "id" BIGSERIAL NOT NULL,
    "letter_id" UUID NOT NULL,
    "digest" BYTEA NOT NULL,
    "key" BYTEA,
    "body" BYTEA,
    "headers" JSONB NOT NULL,
    "properties" JSONB NOT NULL,
    "origin" JSONB NOT NULL,
    "dead_letter_topic" TEXT,
    "dead_letter_partition" INTEGER,
    "dead_letter_offset" BIGINT,
    "error_class" TEXT NOT NULL,
    "error_message" TEXT NOT NULL,
    "error_stack" TEXT NOT NULL,
    "worker" TEXT,
    "worker_version" TEXT,
    "attempts" INTEGER NOT NULL,
    "first_failed_at" TIMESTAMPTZ(3) NOT NULL,
    "failed_at" TIMESTAMPTZ(3) NOT NULL,
    "replay_id" UUID,
    "collected_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "dead_letter_deaths_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "dead_letter_deaths_digest_key" ON "dead_letter_deaths"("digest");
CREATE INDEX "dead_letter_deaths_letter_id_id_idx" ON "dead_letter_deaths"("letter_id", "id" DESC);
CREATE INDEX "dead_letter_deaths_replay_id_idx" ON "dead_letter_deaths"("replay_id");

CREATE TABLE "dead_letter_edits" (
    "id" BIGSERIAL NOT NULL,
    "letter_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "body" BYTEA NOT NULL,
    "headers" JSONB NOT NULL,
    "reason" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "dead_letter_edits_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "dead_letter_edits_letter_id_number_key" ON "dead_letter_edits"("letter_id", "number");

CREATE TABLE "replay_runs" (
    "id" UUID NOT NULL,
    "operation_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "selection" JSONB NOT NULL,
    "target" JSONB,
    "rate_per_second" DOUBLE PRECISION,
    "steps" INTEGER[] NOT NULL DEFAULT '{}',
    "step" INTEGER NOT NULL DEFAULT 0,
    "stop_above_percent" DOUBLE PRECISION,
    "reason" TEXT,
    "stop_reason" TEXT,
    "letters" INTEGER NOT NULL,
    "planned_by" TEXT NOT NULL,
    "planned_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "accepted_by" TEXT,
    "accepted_at" TIMESTAMPTZ(3),
    "hold_until" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    CONSTRAINT "replay_runs_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "replay_runs_status_idx" ON "replay_runs"("status");
CREATE INDEX "replay_runs_planned_at_idx" ON "replay_runs"("planned_at" DESC);

CREATE TABLE "replays" (
    "id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "letter_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "letter_version" INTEGER NOT NULL,
    "verdict" TEXT NOT NULL,
    "verdict_reason" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'planned',
    "letter_status" TEXT,
    "is_forced" BOOLEAN NOT NULL DEFAULT false,
    "edit_id" BIGINT,
    "target" JSONB,
    "detail" TEXT,
    "claimed_at" TIMESTAMPTZ(3),
    "sent_at" TIMESTAMPTZ(3),
    "settled_at" TIMESTAMPTZ(3),
    CONSTRAINT "replays_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "replays_run_id_position_key" ON "replays"("run_id", "position");
CREATE INDEX "replays_letter_id_idx" ON "replays"("letter_id");
CREATE INDEX "replays_run_id_status_position_idx" ON "replays"("run_id", "status", "position");
-- A letter has ONE outstanding replay, whoever asks however often: the database says so at the moment of the write.
CREATE UNIQUE INDEX "replays_outstanding_key" ON "replays"("letter_id") WHERE "status" IN ('waiting', 'sending', 'sent');
CREATE INDEX "replays_sent_idx" ON "replays"("sent_at") WHERE "status" = 'sent';
CREATE INDEX "replays_sending_idx" ON "replays"("claimed_at") WHERE "status" = 'sending';

CREATE TABLE "redirect_rules" (
    "id" UUID NOT NULL,
    "from_kind" TEXT NOT NULL,
    "from_name" TEXT NOT NULL,
    "target" JSONB NOT NULL,
    "reason" TEXT NOT NULL,
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    CONSTRAINT "redirect_rules_pkey" PRIMARY KEY ("id")
);
-- One standing redirect at a time for each place.
CREATE UNIQUE INDEX "redirect_rules_active_key" ON "redirect_rules"("from_kind", "from_name") WHERE "is_active";

CREATE TABLE "purge_requests" (
    "id" UUID NOT NULL,
    "operation_id" UUID NOT NULL,
    "letter_ids" UUID[] NOT NULL,
    "letters" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'requested',
    "requested_by" TEXT NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decided_by" TEXT,
    "decided_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "purge_requests_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "audit_entries" (
    "id" BIGSERIAL NOT NULL,
    "operation_id" UUID NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "stage" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "reason" TEXT,
    "before" JSONB,
    "after" JSONB,
    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "audit_entries_occurred_at_id_idx" ON "audit_entries"("occurred_at" DESC, "id" DESC);
CREATE INDEX "audit_entries_operation_id_idx" ON "audit_entries"("operation_id");
CREATE INDEX "audit_entries_subject_idx" ON "audit_entries"("subject");

CREATE TABLE "idempotent_requests" (
    "caller" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" BYTEA NOT NULL,
    "reply" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "idempotent_requests_pkey" PRIMARY KEY ("caller", "key")
);

ALTER TABLE "dead_letters" ADD CONSTRAINT "dead_letters_group_id_fkey" FOREIGN KEY ("group_id") REFERENCES "dead_letter_groups"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "dead_letter_deaths" ADD CONSTRAINT "dead_letter_deaths_letter_id_fkey" FOREIGN KEY ("letter_id") REFERENCES "dead_letters"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "dead_letter_edits" ADD CONSTRAINT "dead_letter_edits_letter_id_fkey" FOREIGN KEY ("letter_id") REFERENCES "dead_letters"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "replays" ADD CONSTRAINT "replays_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "replay_runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "replays" ADD CONSTRAINT "replays_letter_id_fkey" FOREIGN KEY ("letter_id") REFERENCES "dead_letters"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What is in the audit stays as it is. The application's role has no right to change it (ops/services/postgres.ts); the
-- trigger also stops the owner from doing so by accident.
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit entries can be added, never changed or removed' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_entries"
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
