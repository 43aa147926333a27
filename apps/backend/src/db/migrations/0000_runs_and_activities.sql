CREATE TABLE "activities" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"request_id" uuid NOT NULL,
	"timestamp" timestamp with time zone NOT NULL,
	"agent" text NOT NULL,
	"action" text NOT NULL,
	"delegation" jsonb NOT NULL,
	"status" text NOT NULL,
	"details" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "runs" (
	"request_id" uuid PRIMARY KEY NOT NULL,
	"status" text NOT NULL,
	"progress_percentage" double precision NOT NULL,
	"current_step" text NOT NULL,
	"error" text,
	"interaction_url" text,
	"interaction_code" text,
	"request" jsonb NOT NULL,
	"message" text NOT NULL,
	"trace_parent" text,
	"results" jsonb,
	"created_at" timestamp with time zone NOT NULL,
	"completed_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "activities" ADD CONSTRAINT "activities_request_id_runs_request_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."runs"("request_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "activities_request_id" ON "activities" USING btree ("request_id");--> statement-breakpoint
CREATE INDEX "runs_created_at" ON "runs" USING btree ("created_at");