SELECT p.name, p.validation_status, p.validated_at, p.validated_by IN (SELECT id FROM users) AND p.validated_by IS NOT NULL, p.id
FROM personas p WHERE $status::VARCHAR IS NULL OR p.validation_status = $status
