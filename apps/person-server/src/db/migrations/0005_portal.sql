CREATE TABLE "activity" (
	"id" uuid PRIMARY KEY NOT NULL,
	"person_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"kind" text NOT NULL,
	"outcome" text NOT NULL,
	"agent_provider" text,
	"agent_id" text,
	"agent_name" text,
	"resource" text,
	"scope" text[] NOT NULL,
	"token_type" text,
	"jti" text,
	"pending_id" text,
	"enrolment_id" text,
	"reason" text,
	"justification" text,
	"on_behalf_of" text,
	"via" text,
	"detail" text
);
--> statement-breakpoint
CREATE TABLE "resource_descriptions" (
	"resource" text PRIMARY KEY NOT NULL,
	"description" jsonb NOT NULL,
	"read_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "resource_uses" (
	"person_id" uuid NOT NULL,
	"resource" text NOT NULL,
	"first_used_at" timestamp with time zone NOT NULL,
	"last_used_at" timestamp with time zone NOT NULL,
	CONSTRAINT "resource_uses_person_id_resource_pk" PRIMARY KEY("person_id","resource")
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"person_id" uuid PRIMARY KEY NOT NULL,
	"consent_policy" text,
	"needs_person_scopes" text[]
);
--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "id" uuid DEFAULT gen_random_uuid() NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "user_agent" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "last_seen_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "issued_tokens" ADD COLUMN "reason" text;--> statement-breakpoint
UPDATE "issued_tokens" SET "reason" = coalesce((
  SELECT "policy_decisions"."reason" FROM "policy_decisions" WHERE "policy_decisions"."jti" = "issued_tokens"."jti" LIMIT 1
), 'standing-policy');--> statement-breakpoint
ALTER TABLE "issued_tokens" ALTER COLUMN "reason" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "activity" ADD CONSTRAINT "activity_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "resource_uses" ADD CONSTRAINT "resource_uses_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "settings" ADD CONSTRAINT "settings_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "activity_person" ON "activity" USING btree ("person_id","at","id");--> statement-breakpoint
CREATE INDEX "activity_agent" ON "activity" USING btree ("agent_provider","agent_id","at");--> statement-breakpoint
CREATE INDEX "activity_at" ON "activity" USING btree ("at");--> statement-breakpoint
ALTER TABLE "agent_providers" DROP COLUMN "changes";--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_id_unique" UNIQUE("id");--> statement-breakpoint
INSERT INTO "activity" ("id", "person_id", "at", "kind", "outcome", "agent_provider", "agent_id", "agent_name", "scope", "jti", "enrolment_id", "via", "detail")
SELECT "id", "person_id", "decided_at",
  CASE "kind"
    WHEN 'approve' THEN 'enrolment-approved'
    WHEN 'deny' THEN 'enrolment-denied'
    WHEN 'revoke' THEN 'agent-revoked'
    WHEN 'revoke-token' THEN 'token-revoked'
    WHEN 'trust' THEN 'provider-added'
    ELSE 'provider-removed'
  END,
  "outcome", "agent_provider",
  CASE WHEN "kind" = 'revoke' THEN "subject" END,
  CASE WHEN "kind" IN ('approve', 'deny', 'revoke') THEN "agent_name" END,
  '{}',
  CASE WHEN "kind" = 'revoke-token' THEN "subject" END,
  CASE WHEN "kind" IN ('approve', 'deny') THEN "subject" END,
  "via", "detail"
FROM "decisions";--> statement-breakpoint
INSERT INTO "activity" ("id", "person_id", "at", "kind", "outcome", "agent_provider", "agent_id", "resource", "scope", "token_type", "jti", "reason", "justification", "on_behalf_of")
SELECT "id", "person_id", "decided_at",
  CASE "outcome" WHEN 'granted' THEN 'token-issued' WHEN 'asked' THEN 'consent-asked' ELSE 'token-refused' END,
  CASE "outcome" WHEN 'refused' THEN 'refused' ELSE 'done' END,
  "agent_provider", "agent_id", "resource", "scope", "token_type", "jti", "reason", "justification", "on_behalf_of"
FROM "policy_decisions";--> statement-breakpoint
INSERT INTO "resource_uses" ("person_id", "resource", "first_used_at", "last_used_at")
SELECT "person_id", "resource", min("decided_at"), max("decided_at") FROM "policy_decisions" GROUP BY "person_id", "resource";--> statement-breakpoint
DROP TABLE "decisions";--> statement-breakpoint
DROP TABLE "policy_decisions";
