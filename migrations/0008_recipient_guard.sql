-- What a worker's non-production guard does, so that status shows what the workers run with.

ALTER TABLE waybill.workers ADD COLUMN recipient_guard text;
COMMENT ON COLUMN waybill.workers.recipient_guard IS 'What its non-production guard does (dry run, all to an address, only to some); null when it is off.';
