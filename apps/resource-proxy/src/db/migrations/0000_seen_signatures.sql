CREATE TABLE "seen_signatures" (
	"id" text PRIMARY KEY NOT NULL,
	"expires_at" double precision NOT NULL
);
--> statement-breakpoint
CREATE INDEX "seen_signatures_expiry" ON "seen_signatures" USING btree ("expires_at");