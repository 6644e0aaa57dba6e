-- Deaths of the last hours, without reading their bodies.
CREATE INDEX "dead_letter_deaths_failed_at_letter_id_idx" ON "dead_letter_deaths"("failed_at", "letter_id");
