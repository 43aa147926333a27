CREATE TABLE "clarifications" (
	"pending_id" text NOT NULL,
	"round" integer NOT NULL,
	"question" text NOT NULL,
	"asked_at" timestamp with time zone NOT NULL,
	"answer" text,
	"answered_at" timestamp with time zone,
	"updated_request" boolean DEFAULT false NOT NULL,
	CONSTRAINT "clarifications_pending_id_round_pk" PRIMARY KEY("pending_id","round")
);
--> statement-breakpoint
CREATE TABLE "consents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"person_id" uuid NOT NULL,
	"agent_provider" text NOT NULL,
	"agent_id" text NOT NULL,
	"type" text NOT NULL,
	"resource" text NOT NULL,
	"account" text,
	"asked_scope" text[] NOT NULL,
	"scope" text[] NOT NULL,
	"remembered" boolean NOT NULL,
	"pending_id" text NOT NULL,
	"given_at" timestamp with time zone NOT NULL,
	"valid_until" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"withdrawn_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "pending_requests" (
	"id" text PRIMARY KEY NOT NULL,
	"status" text NOT NULL,
	"outcome" text,
	"person_id" uuid,
	"type" text NOT NULL,
	"agent_provider" text NOT NULL,
	"agent_id" text NOT NULL,
	"jkt" text NOT NULL,
	"public_jwk" jsonb NOT NULL,
	"agent_token_expires_at" timestamp with time zone NOT NULL,
	"resource" text NOT NULL,
	"scope" text[] NOT NULL,
	"account" text,
	"presented_jti" text,
	"presented_expires_at" timestamp with time zone,
	"upstream_jti" text,
	"upstream_expires_at" timestamp with time zone,
	"on_behalf_of" text,
	"reason" text NOT NULL,
	"needs_person" text[] NOT NULL,
	"may_be_remembered" boolean NOT NULL,
	"needs_fresh_session" boolean NOT NULL,
	"capabilities" text[] NOT NULL,
	"justification" text,
	"login_hint" text,
	"tenant" text,
	"platform" text,
	"device" text,
	"code_hash" text NOT NULL,
	"wrong_codes" integer DEFAULT 0 NOT NULL,
	"opened_by" text,
	"opened_at" timestamp with time zone,
	"callback" text,
	"interaction_url" text,
	"interaction_code" text,
	"interaction_state" text,
	"trace_parent" text,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"decided_at" timestamp with time zone,
	"collected_at" timestamp with time zone,
	"consent_id" uuid,
	"granted_scope" text[],
	"remembered" boolean DEFAULT false NOT NULL,
	"via" text,
	CONSTRAINT "pending_requests_code_hash_unique" UNIQUE("code_hash")
);
--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "name" text;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "callback" text;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "platform" text;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "device" text;--> statement-breakpoint
ALTER TABLE "clarifications" ADD CONSTRAINT "clarifications_pending_id_pending_requests_id_fk" FOREIGN KEY ("pending_id") REFERENCES "public"."pending_requests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consents" ADD CONSTRAINT "consents_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pending_requests" ADD CONSTRAINT "pending_requests_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "consents_agent" ON "consents" USING btree ("agent_provider","agent_id","resource");--> statement-breakpoint
CREATE INDEX "consents_person" ON "consents" USING btree ("person_id","given_at");--> statement-breakpoint
CREATE INDEX "pending_requests_person" ON "pending_requests" USING btree ("person_id","created_at");--> statement-breakpoint
CREATE INDEX "pending_requests_agent" ON "pending_requests" USING btree ("agent_provider","agent_id","created_at");--> statement-breakpoint
CREATE INDEX "pending_requests_open" ON "pending_requests" USING btree ("expires_at") WHERE "pending_requests"."decided_at" is null;--> statement-breakpoint
CREATE INDEX "pending_requests_decided_at" ON "pending_requests" USING btree ("decided_at");