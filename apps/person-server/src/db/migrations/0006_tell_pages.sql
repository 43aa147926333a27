-- Whatever changes a row, on whichever replica and path, open pages of the portal hear of it (src/events). The arguments of each
-- trigger are the topics that a page may show of its table. Equal notifications of one transaction are one; an update that changes
-- nothing is none.
CREATE FUNCTION "tell_pages"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW IS NOT DISTINCT FROM OLD THEN RETURN NULL; END IF;
  END IF;
  PERFORM pg_notify('portal_changes', array_to_string(TG_ARGV, ','));
  RETURN NULL;
END;
$$;
--> statement-breakpoint
CREATE TRIGGER "tell_pages" AFTER INSERT OR DELETE ON "sessions" FOR EACH ROW EXECUTE FUNCTION "tell_pages"('sessions');
--> statement-breakpoint
CREATE TRIGGER "tell_pages" AFTER INSERT OR UPDATE OR DELETE ON "agents" FOR EACH ROW EXECUTE FUNCTION "tell_pages"('registrations', 'bindings', 'tokens');
--> statement-breakpoint
CREATE TRIGGER "tell_pages" AFTER INSERT OR UPDATE OR DELETE ON "trusted_agent_providers" FOR EACH ROW EXECUTE FUNCTION "tell_pages"('providers');
--> statement-breakpoint
CREATE TRIGGER "tell_pages" AFTER INSERT OR DELETE OR UPDATE OF "status", "person_id", "scope", "justification", "interaction_state" ON "pending_requests" FOR EACH ROW EXECUTE FUNCTION "tell_pages"('requests');
--> statement-breakpoint
CREATE TRIGGER "tell_pages" AFTER INSERT OR UPDATE OR DELETE ON "clarifications" FOR EACH ROW EXECUTE FUNCTION "tell_pages"('requests');
--> statement-breakpoint
CREATE TRIGGER "tell_pages" AFTER INSERT OR UPDATE OR DELETE ON "consents" FOR EACH ROW EXECUTE FUNCTION "tell_pages"('consents', 'requests');
--> statement-breakpoint
CREATE TRIGGER "tell_pages" AFTER INSERT OR UPDATE ON "issued_tokens" FOR EACH ROW EXECUTE FUNCTION "tell_pages"('bindings', 'requests', 'consents', 'tokens', 'resources');
--> statement-breakpoint
CREATE TRIGGER "tell_pages" AFTER INSERT OR UPDATE OF "outcome" ON "revocation_notices" FOR EACH ROW EXECUTE FUNCTION "tell_pages"('tokens');
--> statement-breakpoint
CREATE TRIGGER "tell_pages" AFTER INSERT OR UPDATE ON "activity" FOR EACH ROW EXECUTE FUNCTION "tell_pages"('activity');
--> statement-breakpoint
CREATE TRIGGER "tell_pages" AFTER INSERT OR UPDATE OR DELETE ON "settings" FOR EACH ROW EXECUTE FUNCTION "tell_pages"('settings');
--> statement-breakpoint
CREATE TRIGGER "tell_pages" AFTER INSERT ON "resource_uses" FOR EACH ROW EXECUTE FUNCTION "tell_pages"('resources');
--> statement-breakpoint
CREATE TRIGGER "tell_pages" AFTER INSERT OR UPDATE ON "resource_descriptions" FOR EACH ROW EXECUTE FUNCTION "tell_pages"('requests', 'consents', 'tokens', 'activity', 'resources');
--> statement-breakpoint
CREATE TRIGGER "tell_pages" AFTER INSERT OR UPDATE OR DELETE ON "signing_keys" FOR EACH ROW EXECUTE FUNCTION "tell_pages"('server');
