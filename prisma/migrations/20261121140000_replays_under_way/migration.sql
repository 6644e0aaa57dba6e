-- A claim moves one number of the run instead of a status of each letter: a replay costs one update less, in all indexes.
ALTER TABLE "replay_runs" ADD COLUMN "claimed_through" INTEGER NOT NULL DEFAULT -1;
ALTER TABLE "replay_runs" ADD COLUMN "claimed_at" TIMESTAMPTZ(3);

UPDATE "replay_runs" run SET "claimed_through" = left_last.position, "claimed_at" = left_last.claimed_at
  FROM (SELECT "run_id", max("position") AS position, max("claimed_at") AS claimed_at FROM "replays"
         WHERE "claimed_at" IS NOT NULL GROUP BY "run_id") left_last
 WHERE run."id" = left_last."run_id";
UPDATE "replays" SET "status" = 'waiting' WHERE "status" = 'sending';

DROP INDEX "replays_sending_idx";
-- The next ones are found by position, behind what was claimed.
DROP INDEX "replays_run_id_status_position_idx";
DROP INDEX "replays_outstanding_key";
CREATE UNIQUE INDEX "replays_outstanding_key" ON "replays"("letter_id") WHERE "status" IN ('waiting', 'sent');
