CREATE TABLE "revocations" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"jti" text NOT NULL,
	"agent_id" text NOT NULL,
	"recipient" text NOT NULL,
	"document" text NOT NULL,
	"expires_at" double precision NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	"error" text,
	"pending_url" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" double precision
);
--> statement-breakpoint
ALTER TABLE "revocations" ADD CONSTRAINT "revocations_agent_id_agents_agent_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("agent_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "revocations_once_per_recipient" ON "revocations" USING btree ("jti","recipient");--> statement-breakpoint
CREATE INDEX "revocations_due" ON "revocations" USING btree ("recipient","next_attempt_at");--> statement-breakpoint
CREATE INDEX "revocations_agent" ON "revocations" USING btree ("agent_id");--> statement-breakpoint
CREATE INDEX "revocations_expires" ON "revocations" USING btree ("expires_at");