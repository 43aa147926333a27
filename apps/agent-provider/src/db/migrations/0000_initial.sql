CREATE TABLE "agent_keys" (
	"stable_jkt" text PRIMARY KEY NOT NULL,
	"agent_id" text NOT NULL,
	"created_at" double precision NOT NULL
);
--> statement-breakpoint
CREATE TABLE "agents" (
	"agent_id" text PRIMARY KEY NOT NULL,
	"agent_name" text NOT NULL,
	"person_id" text NOT NULL,
	"callback" text,
	"created_at" double precision NOT NULL,
	"last_seen_at" double precision,
	"revoked_at" double precision
);
--> statement-breakpoint
CREATE TABLE "enrolments" (
	"id" text PRIMARY KEY NOT NULL,
	"stable_jkt" text NOT NULL,
	"agent_name" text NOT NULL,
	"callback" text,
	"status" text DEFAULT 'pending' NOT NULL,
	"agent_id" text,
	"created_at" double precision NOT NULL,
	"expires_at" double precision NOT NULL,
	"decided_at" double precision,
	"concluded_at" double precision
);
--> statement-breakpoint
CREATE TABLE "issued_tokens" (
	"jti" text PRIMARY KEY NOT NULL,
	"agent_id" text NOT NULL,
	"kid" text NOT NULL,
	"stable_jkt" text NOT NULL,
	"jkt" text NOT NULL,
	"issued_at" double precision NOT NULL,
	"expires_at" double precision NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"event" text NOT NULL,
	"subject" text NOT NULL,
	"created_at" double precision NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" double precision NOT NULL
);
--> statement-breakpoint
CREATE TABLE "seen_signatures" (
	"id" text PRIMARY KEY NOT NULL,
	"expires_at" double precision NOT NULL
);
--> statement-breakpoint
CREATE TABLE "signing_keys" (
	"kid" text PRIMARY KEY NOT NULL,
	"public_jwk" jsonb NOT NULL,
	"private_jwk" jsonb,
	"created_at" double precision NOT NULL,
	"retired_at" double precision
);
--> statement-breakpoint
ALTER TABLE "agent_keys" ADD CONSTRAINT "agent_keys_agent_id_agents_agent_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("agent_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrolments" ADD CONSTRAINT "enrolments_agent_id_agents_agent_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("agent_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "issued_tokens" ADD CONSTRAINT "issued_tokens_agent_id_agents_agent_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("agent_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "agent_keys_agent" ON "agent_keys" USING btree ("agent_id");--> statement-breakpoint
CREATE UNIQUE INDEX "enrolments_one_pending_per_key" ON "enrolments" USING btree ("stable_jkt") WHERE "enrolments"."status" = 'pending';--> statement-breakpoint
CREATE INDEX "enrolments_status" ON "enrolments" USING btree ("status","expires_at");--> statement-breakpoint
CREATE INDEX "enrolments_created" ON "enrolments" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "enrolments_agent" ON "enrolments" USING btree ("agent_id");--> statement-breakpoint
CREATE INDEX "issued_tokens_agent" ON "issued_tokens" USING btree ("agent_id");--> statement-breakpoint
CREATE INDEX "issued_tokens_kid" ON "issued_tokens" USING btree ("kid","expires_at");--> statement-breakpoint
CREATE INDEX "issued_tokens_expires" ON "issued_tokens" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("next_attempt_at","id");--> statement-breakpoint
CREATE INDEX "seen_signatures_expires" ON "seen_signatures" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "signing_keys_one_active" ON "signing_keys" USING btree ((true)) WHERE "signing_keys"."retired_at" is null;