namespace Azprovision.Accounts;

/// <summary>PASS_MIN_DAYS, PASS_MAX_DAYS and PASS_WARN_AGE of login.defs(5), as shadow(5) has them.</summary>
internal sealed record PasswordAging(string MinDays, string MaxDays, string WarnDays);
