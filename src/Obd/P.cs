namespace EdgeAgent.Obd; internal static class Placeholder;
