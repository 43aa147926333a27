CREATE TABLE "directed_subject_secrets" (
	"purpose" text PRIMARY KEY NOT NULL,
	"secret" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "trusted_agent_providers" (
	"issuer" text PRIMARY KEY NOT NULL,
	"display_name" text NOT NULL,
	"added_by" uuid NOT NULL,
	"added_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "accepted_agent_tokens" (
	"issuer" text NOT NULL,
	"jti" text NOT NULL,
	"agent_id" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "accepted_agent_tokens_issuer_jti_pk" PRIMARY KEY("issuer","jti")
);
--> statement-breakpoint
CREATE TABLE "issued_tokens" (
	"jti" text PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"kid" text NOT NULL,
	"person_id" uuid NOT NULL,
	"agent_provider" text NOT NULL,
	"agent_id" text NOT NULL,
	"agent_jti" text NOT NULL,
	"jkt" text NOT NULL,
	"audience" text NOT NULL,
	"subject" text NOT NULL,
	"scope" text[] NOT NULL,
	"account" text,
	"upstream_jti" text,
	"presented_jti" text,
	"issued_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "policy_decisions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"person_id" uuid NOT NULL,
	"agent_provider" text NOT NULL,
	"agent_id" text NOT NULL,
	"token_type" text NOT NULL,
	"resource" text NOT NULL,
	"scope" text[] NOT NULL,
	"outcome" text NOT NULL,
	"reason" text NOT NULL,
	"justification" text,
	"on_behalf_of" text,
	"jti" text,
	"decided_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "revocation_notices" (
	"jti" text PRIMARY KEY NOT NULL,
	"outcome" text NOT NULL,
	"attempts" integer NOT NULL,
	"next_attempt_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "revoked_tokens" (
	"issuer" text NOT NULL,
	"jti" text NOT NULL,
	"revoked_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "revoked_tokens_issuer_jti_pk" PRIMARY KEY("issuer","jti")
);
--> statement-breakpoint
ALTER TABLE "signing_keys" ALTER COLUMN "private_jwk" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "revoked_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "signing_keys" ADD COLUMN "public_jwk" jsonb;--> statement-breakpoint
UPDATE "signing_keys" SET "public_jwk" = "private_jwk" - 'd';--> statement-breakpoint
ALTER TABLE "signing_keys" ALTER COLUMN "public_jwk" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "signing_keys" ADD COLUMN "retired_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "trusted_agent_providers" ADD CONSTRAINT "trusted_agent_providers_added_by_people_id_fk" FOREIGN KEY ("added_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "issued_tokens" ADD CONSTRAINT "issued_tokens_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policy_decisions" ADD CONSTRAINT "policy_decisions_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "revocation_notices" ADD CONSTRAINT "revocation_notices_jti_issued_tokens_jti_fk" FOREIGN KEY ("jti") REFERENCES "public"."issued_tokens"("jti") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "accepted_agent_tokens_expires_at" ON "accepted_agent_tokens" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "issued_tokens_agent" ON "issued_tokens" USING btree ("agent_provider","agent_id");--> statement-breakpoint
CREATE INDEX "issued_tokens_person" ON "issued_tokens" USING btree ("person_id","issued_at");--> statement-breakpoint
CREATE INDEX "issued_tokens_upstream" ON "issued_tokens" USING btree ("upstream_jti");--> statement-breakpoint
CREATE INDEX "issued_tokens_presented" ON "issued_tokens" USING btree ("presented_jti");--> statement-breakpoint
CREATE INDEX "issued_tokens_kid" ON "issued_tokens" USING btree ("kid");--> statement-breakpoint
CREATE INDEX "issued_tokens_expires_at" ON "issued_tokens" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "policy_decisions_person" ON "policy_decisions" USING btree ("person_id","decided_at");--> statement-breakpoint
CREATE INDEX "policy_decisions_agent" ON "policy_decisions" USING btree ("agent_provider","agent_id","decided_at");--> statement-breakpoint
CREATE INDEX "policy_decisions_decided_at" ON "policy_decisions" USING btree ("decided_at");--> statement-breakpoint
CREATE INDEX "revocation_notices_due" ON "revocation_notices" USING btree ("next_attempt_at") WHERE "revocation_notices"."outcome" = 'waiting';--> statement-breakpoint
CREATE INDEX "revoked_tokens_expires_at" ON "revoked_tokens" USING btree ("expires_at");