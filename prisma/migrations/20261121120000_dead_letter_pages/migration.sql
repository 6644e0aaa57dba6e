-- What still waits for somebody, newest first: the list everybody opens, of everything and of one group. A page costs the
-- same however many letters were settled before.
CREATE INDEX "dead_letters_unsettled_idx" ON "dead_letters"("died_at" DESC, "id" DESC)
  WHERE "status" IN ('dead', 'uncertain', 'quarantined');
CREATE INDEX "dead_letters_group_unsettled_idx" ON "dead_letters"("group_id", "died_at" DESC, "id" DESC)
  WHERE "status" IN ('dead', 'uncertain', 'quarantined');
