-- The pipeline seen from above: samples with history, marks, alerts, paused workers, findings of the reconciler.

CREATE TABLE "group_samples" (
    "id" BIGSERIAL NOT NULL,
    "sampled_at" TIMESTAMPTZ(3) NOT NULL,
    "group_id" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "members" INTEGER NOT NULL,
    "committed" BIGINT[] NOT NULL,
    "ends" BIGINT[] NOT NULL,
    CONSTRAINT "group_samples_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "group_samples_group_id_topic_sampled_at_idx" ON "group_samples"("group_id", "topic", "sampled_at");
CREATE INDEX "group_samples_sampled_at_idx" ON "group_samples"("sampled_at");

CREATE TABLE "queue_samples" (
    "id" BIGSERIAL NOT NULL,
    "sampled_at" TIMESTAMPTZ(3) NOT NULL,
    "queues" JSONB NOT NULL,
    CONSTRAINT "queue_samples_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "queue_samples_sampled_at_idx" ON "queue_samples"("sampled_at");

CREATE TABLE "pipeline_samples" (
    "sampled_at" TIMESTAMPTZ(3) NOT NULL,
    "figures" JSONB NOT NULL,
    CONSTRAINT "pipeline_samples_pkey" PRIMARY KEY ("sampled_at")
);

CREATE TABLE "pipeline_marks" (
    "id" BIGSERIAL NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "kind" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "href" TEXT,
    CONSTRAINT "pipeline_marks_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "pipeline_marks_occurred_at_idx" ON "pipeline_marks"("occurred_at");

CREATE TABLE "worker_pauses" (
    "worker" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "paused_by" TEXT NOT NULL,
    "paused_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "worker_pauses_pkey" PRIMARY KEY ("worker")
);

CREATE TABLE "alert_rules" (
    "id" TEXT NOT NULL,
    "is_enabled" BOOLEAN NOT NULL DEFAULT true,
    "threshold" DOUBLE PRECISION,
    "for_ms" INTEGER NOT NULL,
    "changed_by" TEXT,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "alert_rules_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "alerts" (
    "id" UUID NOT NULL,
    "rule" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "summary" TEXT NOT NULL,
    "href" TEXT NOT NULL,
    "value" DOUBLE PRECISION,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "fired_at" TIMESTAMPTZ(3),
    "acknowledged_by" TEXT,
    "acknowledged_at" TIMESTAMPTZ(3),
    "resolved_at" TIMESTAMPTZ(3),
    "notified_at" TIMESTAMPTZ(3),
    CONSTRAINT "alerts_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "alerts_status_idx" ON "alerts"("status");
CREATE INDEX "alerts_since_idx" ON "alerts"("since" DESC);
-- What is wrong with one thing by one rule is one alert, however often it is looked at.
CREATE UNIQUE INDEX "alerts_open_key" ON "alerts"("rule", "subject") WHERE "resolved_at" IS NULL;

CREATE TABLE "alert_silences" (
    "id" UUID NOT NULL,
    "rule" TEXT,
    "subject" TEXT,
    "reason" TEXT NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "alert_silences_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "alert_channels" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "is_enabled" BOOLEAN NOT NULL DEFAULT true,
    "created_by" TEXT NOT NULL,
    "last_outcome" TEXT,
    "last_sent_at" TIMESTAMPTZ(3),
    CONSTRAINT "alert_channels_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "findings" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "order_id" UUID NOT NULL,
    "subject" TEXT NOT NULL,
    "detail" TEXT NOT NULL,
    "found_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "resolved_at" TIMESTAMPTZ(3),
    "resolution" TEXT,
    CONSTRAINT "findings_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "findings_order_id_idx" ON "findings"("order_id");
CREATE UNIQUE INDEX "findings_open_key" ON "findings"("kind", "subject") WHERE "resolved_at" IS NULL;
