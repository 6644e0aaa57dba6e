-- Retries of Kafka messages are few; the orders' deadlines beside them are as many as orders of two hours.
CREATE INDEX "reminders_retries_idx" ON "reminders" ("created_at", "consumer") WHERE "topic" IS NOT NULL;
