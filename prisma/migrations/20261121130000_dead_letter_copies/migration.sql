-- Messages without any id that died in RabbitMQ: equal ones are counted, so that each of them is a letter.
CREATE TABLE "dead_letter_copies" (
    "identity" TEXT NOT NULL,
    "copies" INTEGER NOT NULL DEFAULT 0,
    "unacknowledged" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "dead_letter_copies_pkey" PRIMARY KEY ("identity")
);
