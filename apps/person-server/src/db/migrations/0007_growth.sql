DROP INDEX "activity_agent";--> statement-breakpoint
DROP INDEX "pending_requests_agent";--> statement-breakpoint
DROP INDEX "issued_tokens_agent";--> statement-breakpoint
DROP INDEX "issued_tokens_person";--> statement-breakpoint
DROP INDEX "issued_tokens_upstream";--> statement-breakpoint
DROP INDEX "issued_tokens_presented";--> statement-breakpoint
DROP INDEX "issued_tokens_kid";--> statement-breakpoint
-- What is known of who asked is in the activity.
ALTER TABLE "resource_uses" DROP CONSTRAINT "resource_uses_person_id_resource_pk";--> statement-breakpoint
ALTER TABLE "resource_uses" ADD COLUMN "agent_provider" text;--> statement-breakpoint
ALTER TABLE "resource_uses" ADD COLUMN "agent_id" text;--> statement-breakpoint
ALTER TABLE "resource_uses" ADD COLUMN "granted_at" timestamp with time zone;--> statement-breakpoint
INSERT INTO "resource_uses" ("person_id", "resource", "agent_provider", "agent_id", "first_used_at", "last_used_at", "granted_at")
SELECT "person_id", "resource", "agent_provider", "agent_id", min("at"), max("at"), min("at") FILTER (WHERE "kind" = 'token-issued')
FROM "activity"
WHERE "kind" IN ('token-issued', 'token-refused', 'consent-asked')
  AND "resource" IS NOT NULL AND "agent_provider" IS NOT NULL AND "agent_id" IS NOT NULL
GROUP BY "person_id", "resource", "agent_provider", "agent_id";--> statement-breakpoint
DELETE FROM "resource_uses" WHERE "agent_id" IS NULL;--> statement-breakpoint
ALTER TABLE "resource_uses" ALTER COLUMN "agent_provider" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "resource_uses" ALTER COLUMN "agent_id" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "resource_uses" ADD CONSTRAINT "resource_uses_person_id_resource_agent_provider_agent_id_pk" PRIMARY KEY("person_id","resource","agent_provider","agent_id");--> statement-breakpoint
CREATE INDEX "pending_requests_uncollected" ON "pending_requests" USING btree ("created_at") WHERE "pending_requests"."collected_at" is null;--> statement-breakpoint
CREATE INDEX "resource_uses_agent" ON "resource_uses" USING btree ("agent_provider","agent_id","last_used_at");--> statement-breakpoint
CREATE INDEX "issued_tokens_audience" ON "issued_tokens" USING btree ("audience");--> statement-breakpoint
CREATE INDEX "pending_requests_agent" ON "pending_requests" USING btree ("agent_provider","agent_id") WHERE "pending_requests"."decided_at" is null;--> statement-breakpoint
CREATE INDEX "issued_tokens_agent" ON "issued_tokens" USING btree ("agent_provider","agent_id","audience");--> statement-breakpoint
CREATE INDEX "issued_tokens_person" ON "issued_tokens" USING btree ("person_id","issued_at","jti");--> statement-breakpoint
CREATE INDEX "issued_tokens_upstream" ON "issued_tokens" USING btree ("upstream_jti") WHERE "issued_tokens"."upstream_jti" is not null;--> statement-breakpoint
CREATE INDEX "issued_tokens_presented" ON "issued_tokens" USING btree ("presented_jti") WHERE "issued_tokens"."presented_jti" is not null;--> statement-breakpoint
CREATE INDEX "issued_tokens_kid" ON "issued_tokens" USING btree ("kid","expires_at");